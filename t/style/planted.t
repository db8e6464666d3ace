# The style tests themselves: each passes on a sound little tree, and names file
# and line of a fault that is planted there.

use strict;
use warnings FATAL => 'all';

use Cwd;
use File::Basename;
use File::Path;
use File::Temp;
use FindBin;
use Test::More;

my $top = getcwd();
my $spdx = "/* SPDX-License-Identifier: Apache-2.0 */\n";
my $head = "$spdx/* Serves as a file that is right in every way. */\n";

my %sound = (
    '.clang-format'            => do { local (@ARGV, $/) = '.clang-format'; <> },
    '.gitignore'               => "/.build/\n",
    'mod_mspmesh/mesh_agent.h' => $head . "#include \"base/err.h\"\n",
    'mod_mspmesh/base/err.h'   => $head . "#include <apr_pools.h>\n",
    'mod_mspmesh/base/json.c'  => $head . "#include \"base/err.h\"\n\n#include <jansson.h>\n",
    'mod_mspmesh/mesh/hub.c'   => $head . "#include \"io/db.h\"\n\nint used = MESHNO(2001);\n",
    'mod_mspmesh/httpd/config.c' => $head . <<'C',
#include <httpd.h>

static const command_rec rows[] = {
    INT("MspMeshWorkers", workers, "2", 0, 64, GLOBAL, "<number>",
        "Job threads in "
        "each child"),
    STRING("MspMeshHome", home, NULL, SERVER, "<folder>", "Where (to look)"),
    AP_INIT_TAKE2("MspMeshAgent", set_agent, NULL, RSRC_CONF, "A setting"),
};
C
    'handlers/client_health.c' => $head . <<'C',
#include "mesh_agent.h"

MESH_AGENT(client_health) = {
    .name = "client-health",
    .page = "client-health.html",
    .predicts = 1,
};
C
    'sql/agents/client_health.sql'   => "select 1;\n",
    'sql/agents/client_health.2.sql' => "select 2;\n",
    't/agents/client_health.t'       => "use Test::More;\n",
    't/accuracy/client_health/limit' => "0.8\n",
    'htdocs/client-health.html'      =>
        "<!doctype html>\n<script type=\"module\" src=\"js/x.js\"></script>\n",
    'htdocs/js/x.js'    => "// never innerHTML, see https://example.com/\nexport const x = 1;\n",
    'conf/mspmesh.conf' => <<'CONF',
# What each directive does.

# MspMeshWorkers <number>
# Default: 2    Context: server
#
# Job threads in each child.
#MspMeshWorkers 2

# MspMeshHome <folder>
# Default: none    Context: server, virtual host
#
# Where to look.
#MspMeshHome /srv/mesh

# MspMeshAgent <agent> <setting> <value>
# Default: none    Context: server
#
# Sets what an agent leaves to you.
#MspMeshAgent client-health late-habit 3
CONF
);

my $core = 'mod_mspmesh/mesh/x.c';
my $agent = 'handlers/client_health.c';
my ($config, $reference) = qw(mod_mspmesh/httpd/config.c conf/mspmesh.conf);

# Change one thing in a sound file.
sub but {
    my ($path, $from, $to) = @_;

    my $text = $sound{$path};
    $text =~ s/\Q$from\E/$to/ or die "$path has no $from\n";
    return ($path => $text);
}

# A C file whose line 3 is LINE.
sub c_line { return $head . "$_[0]\n" }

# Test, what is planted (nothing: the file goes), what it must say.
my @planted = (
    [floors => { $core => c_line('#include "httpd/config.h"') },
        "$core:3: httpd/config.h: that looks up"],
    [floors => { $core => c_line('#  include <httpd.h>') }, "$core:3: httpd.h: that library"],
    [floors => { $core => c_line('#include "http_log.h"') }, "$core:3: http_log.h: that library"],
    [floors => { $core => c_line('#include <zlib.h>') }, "$core:3: zlib.h: it has no home"],
    [floors => { $core => c_line('#include SOME_HEADER') }, "$core:3: the header is not named"],
    (map { [floors => { "mod_mspmesh/$_->[0]" => c_line("#include $_->[1]") }, "$_->[0]:3: "] }
        ['mesh/a.c', '<jansson.h>'], ['io/a.c', '<openssl/evp.h>'], ['io/a.c', '<sodium.h>'],
        ['mesh/a.c', '<libpq-fe.h>'], ['aws/a.c', '<curl/curl.h>'], ['mesh/a.c', '<pcre2.h>'],
        ['algo/a.c', '<linear.h>'], ['algo/a.c', '<libstemmer.h>'], ['io/a.c', '"algo/a.h"'],
        ['algo/a.c', '"io/a.h"'], ['aws/a.c', '"import/a.h"'], ['import/a.c', '"aws/a.h"'],
        ['base/a.c', '"mesh_agent.h"'], ['mesh/a.c', '"train/a.h"'], ['mesh/a.c', '<unixd.h>'],
        ['mesh_agent.h', '"mesh/hub.h"']),
    [floors => { 'mod_mspmesh/misc/a.c' => $head }, 'there is no floor misc'],
    [floors => { 'mod_mspmesh/a.c' => $head }, 'it belongs on a floor'],
    [floors => { 'handlers/a.h' => $head }, 'handlers/a.h:1: '],
    [floors => { 'handlers/platform/a.c' => c_line('#include "io/db.h"') },
        'handlers/platform/a.c:3: io/db.h: an agent sees'],

    (map { [complete => { $_ => undef }, "$_ is missing"] } 'sql/agents/client_health.sql',
        't/agents/client_health.t', 'htdocs/client-health.html', $agent),
    [complete => { 't/accuracy/client_health/limit' => undef },
        't/accuracy/client_health is missing'],
    [complete => { but($agent, '"client-health"', '"health"') },
        "$agent:1: the descriptor's .name is health"],
    [complete => { but($agent, '.page', '.pages') }, "$agent:1: the descriptor has no .page"],
    [complete => { but($agent, 'health.html', 'health_page.html') },
        "$agent:7: .page is client-health_page"],

    [directives => { but($reference, '# MspMeshHome <folder>', '# MspMeshHome') },
        "$reference:9: MspMeshHome: the syntax"],
    [directives => { but($reference, 'Default: 2 ', 'Default: 4 ') },
        "$reference:3: MspMeshWorkers: the default"],
    [directives => { but($reference, 'server, virtual host', 'server') },
        'MspMeshHome: the context'],
    [directives => { but($reference, '#MspMeshWorkers 2', '#MspMeshWorkers 3') },
        'the last line must read'],
    [directives => { but($reference, "# Job threads in each child.\n", '') },
        'MspMeshWorkers is not described'],
    [directives => { but($reference, '# Default: 2    Context: server', '# Since: 1') },
        "$reference:4: MspMeshWorkers: "],
    [directives => { but($reference, '# MspMeshHome', '# MspMeshHouse') },
        "$config:9: MspMeshHome has no entry"],
    [directives => { but($reference, '# MspMeshHome', '# MspMeshHouse') },
        "$reference:9: MspMeshHouse has no row"],
    [directives => { but($config, '"2", 0', '"65", 0') },
        "$config:6: MspMeshWorkers: the default is not from"],
    [directives => { but($config, 'SERVER', 'DIRECTORY') },
        "$config:9: MspMeshHome: the context is neither"],
    [directives => { but($config, '"MspMeshHome"', '"MspMeshWorkers"') },
        "$config:9: MspMeshWorkers has a second"],

    [lognos => { $core => c_line('MESHNO(2001)') },
        "$core:3: 2001 is already given|hub.c:5: 2001 is already"],
    [lognos => { $core => c_line('MESHNO()') }, "$core:3: MESHNO\\(\\) is no number"],
    [lognos => { $core => c_line('MESHNO(1002)') }, "$core:3: numbers here begin with 2"],

    (map { [banned => { $core => c_line("int x = $_(y);") },
        "$core:3: $_"] } qw(strcpy strcat sprintf
        vsprintf strtok gets atoi atol gmtime localtime rand random srand system popen alloca
        malloc calloc realloc free)),
    [banned => { $core => c_line('volatile int x;') }, "$core:3: volatile"],
    (map { [banned => { 'sql/x.sql' => "-- $_: later\n" }, "sql/x.sql:1: $_"] }
        'TO' . 'DO', 'FIX' . 'ME', 'X' . 'XX', 'HA' . 'CK'),
    (map { [banned => { 'htdocs/js/x.js' => "\nx.$_;\n" }, 'htdocs/js/x.js:2: '] } 'innerHTML = y',
        'outerHTML = y', 'insertAdjacentHTML(y)', 'y; document.write(y)', 'y; eval(y)',
        'y = Math.random()'),
    (map { [banned => { 'htdocs/x.html' => "<!doctype html>\n$_\n" }, 'htdocs/x.html:2: '] }
        '<p style="color: red">', '<p onclick="x()">', '<script>x()</script>',
        '<style>p {}</style>'),
    [banned => { 'conf/x' => '-----BEGIN RSA PRIV' . "ATE KEY-----\n" }, 'conf/x:1: a private key'],
    [banned => { 't/x.t' => 'AKIA' . "ABCDEFGHIJKLMNOP\n" }, 't/x.t:1: an AWS access key'],
    [banned => { 'Makefile' => 'msk_' . 'a1b2_' . 'c' x 32 . "\n" }, 'Makefile:1: an API key'],

    [sizes => { $core => $head . "\n" x 798 . "int x;\n" }, "$core:801: "],
    [sizes => { 'mod_mspmesh/mesh/x.h' => $head . "\n" x 298 . "int x;\n" }, 'x.h:301: '],
    [sizes => { 'htdocs/js/x.js' => "x();\n" x 401 }, 'x.js:401: '],
    [sizes => { 't/x.t' => "x();\n" x 651 }, 't/x.t:651: '],
    [sizes => { 'sql/x.sql' => "select 1;\n" x 501 }, 'sql/x.sql:501: '],
    [sizes => { 'sql/demo/x.sql' => "select 1;\n" x 651 }, 'sql/demo/x.sql:651: '],
    [sizes => { $core => c_line("int x(void)\n{\n" . "    y();\n" x 119 . '}') },
        "$core:4: x\\(\\) has 121 lines"],
    [sizes => { 'sql/x.sql' => '-- ' . 'x' x 108 . "\n" }, 'sql/x.sql:1: 111 columns'],
    [sizes => { 'sql/x.sql' => "select\t1;\n" }, 'sql/x.sql:1: a tab'],
    [sizes => { 'sql/x.sql' => "select 1; \n" }, 'sql/x.sql:1: blanks'],
    [sizes => { 'sql/x.sql' => 'select 1;' }, 'sql/x.sql:1: the last line'],
    [sizes => { $core => "/* Serves to show what it lacks. */\n" }, "$core:1: it does not begin"],
    [sizes => { $core => "$spdx#include <apr.h>\n" }, "$core:2: a comment must say"],

    [format => { $core => c_line('int  x;') }, "$core:3: run make format"],
    [symbols => { '.build/x.c' => "int mspmesh_module, mesh_x;\n" }, 'mesh_x is exported'],
    [symbols => { '.build/x.c' => "static int x;\nint *mesh_x(void);\n" }, 'mspmesh_module is not'],
);

# Run TEST in a sound tree that is changed by FILES: its status and its words.
sub run_test {
    my ($test, $files) = @_;
    my %tree = (%sound, %$files);
    my $dir = File::Temp->newdir;

    for my $path (grep { defined $tree{$_} } keys %tree) {
        mkpath(dirname("$dir/$path"));
        open my $out, '>', "$dir/$path" or die "$path: $!\n";
        print $out $tree{$path};
        close $out or die "$path: $!\n";
    }
    chdir $dir or die "$dir: $!\n";
    system('cc', '-shared', '-o', '.build/mod_mspmesh.so', '.build/x.c') if -f '.build/x.c';
    local $ENV{MESH_EXPECT} = '';
    local $ENV{MESH_MODULE} = '.build/mod_mspmesh.so';
    my $words = qx{'$^X' '$FindBin::Bin/$test.t' 2>&1};
    my $status = $?;
    chdir $top or die "$top: $!\n";
    return ($status, $words);
}

my %skipped;

for my $test (qw(floors complete directives lognos banned sizes format symbols)) {
    my $files = $test eq 'symbols' ? { '.build/x.c' => "int mspmesh_module;\n" } : {};
    my ($status, $words) = run_test($test, $files);

    $skipped{$test} = $1 if $words =~ /^1\.\.0 # SKIP (.*)/m;
    SKIP: {
        skip($skipped{$test}, 1) if $skipped{$test};
        is($status, 0, "$test.t is content with a sound tree") or diag($words);
    }
}
for (@planted) {
    my ($test, $files, $expected) = @$_;

    SKIP: {
        skip($skipped{$test}, 1) if $skipped{$test};
        my ($status, $words) = run_test($test, $files);
        my ($path) = sort keys %$files;
        ok($status && $words =~ /$expected/, "$test.t sees a fault in $path: $expected")
            or diag($words);
    }
}
done_testing;
