# mod_mspmesh: "make run" for a running server, "make check" for all tests.
# Both install what is missing (as root or with sudo) and need nothing else.

APXS    ?= apxs
HTTPD   ?= /usr/sbin/apache2
PORT    ?= 8080
BUILD   ?= .build
MODULE   = $(BUILD)/mod_mspmesh.so
TRAINER  = $(BUILD)/mspmesh-train
XGBOOST ?= /usr/include

CFLAGS  ?= -O2 -g
WARN     = -std=gnu11 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wno-missing-field-initializers \
           -Wno-null-pointer-subtraction
CPPFLAGS += -Imod_mspmesh -I$(BUILD) -I$(shell $(APXS) -q INCLUDEDIR) \
            $(shell apr-1-config --includes --cppflags 2>/dev/null) \
            -I$(shell pg_config --includedir 2>/dev/null)
LDLIBS   = -ljansson -lpq -lcrypto -lsodium -lpcre2-8 -llinear -lm

trainer := $(wildcard mod_mspmesh/train/*.c)
core    := $(filter-out $(trainer),$(wildcard mod_mspmesh/*.c mod_mspmesh/*/*.c))
agents  := $(wildcard handlers/*.c handlers/platform/*.c)
sql     := $(wildcard sql/[0-9]*.sql sql/agents/*.sql)
names   := $(basename $(notdir $(agents)))
objects := $(patsubst %.c,$(BUILD)/%.o,$(core) $(agents)) $(BUILD)/agents.o

.PHONY: all install run stop check asan bench accuracy lint unit \
        format vendor migrate packages clean FORCE

all: $(MODULE) $(if $(wildcard $(XGBOOST)/xgboost/c_api.h),$(TRAINER))

$(MODULE): $(objects)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -fPIC -fvisibility=hidden -MMD -c \
	    -o $@ $<

# A file in handlers/ is an agent: the registry is its directory listing.  The
# module also knows which files of sql/ it was built with.
$(BUILD)/agents.c: FORCE
	@mkdir -p $(@D)
	@{ echo '#include "mesh/agents.h"'; \
	   for name in $(names); do echo "extern MESH_AGENT($$name);"; done; \
	   echo 'const mesh_agent_t *const mesh_agents[] = {'; \
	   for name in $(names); do echo "    &mesh_agent_$$name,"; done; \
	   echo '    NULL };'; \
	   echo 'const char *const mesh_migrations[] = {'; \
	   (cd sql && sha256sum $(sql:sql/%=%)) | \
	       awk '{ print "    \"" $$2 " " $$1 "\"," }'; \
	   echo '    NULL };'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD)/agents.o: $(BUILD)/agents.c
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -fPIC -fvisibility=hidden -MMD -c \
	    -o $@ $<

# Boosted trees are learnt by a program of its own, where XGBoost is there.
learner := $(patsubst %.c,$(BUILD)/%.o,$(trainer) $(addprefix mod_mspmesh/base/,\
             err.c json.c text.c))

$(TRAINER): $(learner)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lxgboost -ljansson -lm \
	    $(shell apr-1-config --link-ld --libs)

-include $(objects:.o=.d) $(learner:.o=.d)

# ---- A server -----------------------------------------------------------------

packages:
	@conf/dev/packages

run: packages
	@$(MAKE) --no-print-directory -j2 all vendor
	@HTTPD=$(HTTPD) conf/dev/run $(PORT)

stop:
	@HTTPD=$(HTTPD) conf/dev/stop

migrate:
	sql/migrate

install: all vendor
	conf/dev/install "$(DESTDIR)" $(MODULE)

# ---- The libraries of the pages, bundled once ------------------------------------

modules = .build/node_modules
bundled = preact htm @preact/signals @preact/signals-core uplot d3-scale \
          d3-shape d3-path d3-array d3-interpolate d3-color d3-format d3-time \
          d3-time-format internmap

.build/npm.stamp: htdocs/package.json htdocs/package-lock.json
	@mkdir -p .build
	cp $^ .build/
	cd .build && npm ci --ignore-scripts --no-audit --no-fund \
	    --loglevel=error
	touch $@

.build/vendor.stamp: .build/npm.stamp htdocs/bundle/ui.js htdocs/bundle/chart.js
	NODE_PATH=$(modules) $(modules)/.bin/esbuild htdocs/bundle/ui.js \
	    htdocs/bundle/chart.js --bundle --format=esm --minify \
	    --target=es2022 --legal-comments=none --log-level=warning \
	    --outdir=htdocs/vendor
	cp $(modules)/uplot/dist/uPlot.min.css htdocs/vendor/uplot.css
	cat $(foreach m,$(bundled),$(modules)/$(m)/LICENSE) \
	    > htdocs/vendor/LICENSES.txt
	touch $@

vendor: .build/vendor.stamp

# ---- Tests ------------------------------------------------------------------------

check: packages
	@t/check $(TEST)

asan:
	@t/check --asan $(if $(TEST),$(TEST),t/http t/agents)

# Each file of t/unit is a program; the pure floors are linked to it.
pure    := $(filter mod_mspmesh/base/%.c mod_mspmesh/algo/%.c \
             mod_mspmesh/import/%.c mod_mspmesh/mesh/schema%.c \
             mod_mspmesh/mesh/identity_cache.c mod_mspmesh/io/process.c \
             mod_mspmesh/mesh/learn_boost.c,$(core))
units   := $(patsubst t/unit/%.c,$(BUILD)/unit/%,$(wildcard t/unit/*.c))

unit: $(units)

$(BUILD)/pure.a: $(patsubst %.c,$(BUILD)/%.o,$(pure))
	rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: t/unit/%.c t/unit/tap.h $(BUILD)/pure.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -It/unit $(CFLAGS) $(WARN) -o $@ $< $(BUILD)/pure.a \
	    $(LDLIBS) $(shell apr-1-config --link-ld --libs)

bench: packages
	@$(MAKE) --no-print-directory -j2 all
	@t/bench/run

accuracy: packages
	@$(MAKE) --no-print-directory -j2 all
	@t/accuracy/run

lint: all
	cppcheck --quiet --error-exitcode=1 --inline-suppr \
	    --suppress=missingIncludeSystem -Imod_mspmesh $(core) $(trainer) $(agents)

format:
	clang-format -i $(core) $(trainer) $(agents) $(wildcard mod_mspmesh/*.h \
	    mod_mspmesh/*/*.h t/unit/*.[ch])

clean:
	rm -rf .build htdocs/vendor t/logs t/state
