# A file includes its own floor and those below; a foreign library has one home.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

my %floor = (base => 0, algo => 1, io => 1, aws => 2, import => 2, mesh => 3, httpd => 4);

# A program of its own: it computes, and talks to files.
my %train = map { $_ => 1 } qw(base algo io train);

# Header => the only files, below mod_mspmesh/, that may see it.
my @home = (
    [qr{^jansson\.h$}            => qr{^base/json\.}],
    [qr{^(?:openssl/|sodium)}    => qr{^base/crypto\.}],
    [qr{^libpq}                  => qr{^io/db(?:_\w+)?\.}],
    [qr{^curl/}                  => qr{^io/http\.}],
    [qr{^pcre2}                  => qr{^algo/pattern\.}],
    [qr{^(?:.*/)?linear\.h$}     => qr{^algo/logistic\.}],
    [qr{^(?:.*/)?libstemmer\.h$} => qr{^algo/stem\.}],
    [qr{^xgboost/}               => qr{^train/}],
    [qr{^(?:httpd|(?:http|ap|mod|util)_\w+|mpm_common|scoreboard|unixd)\.h$}
                                 => qr{^(?:httpd/|mod_mspmesh\.c$)}],
);

my $c = qr{^(?:assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|
               setjmp|signal|std(?:align|arg|atomic|bool|def|int|io|lib|noreturn)|
               string|tgmath|threads|time|uchar|wchar|wctype)\.h$}x;
my $posix = qr{^(?:sys/|arpa/|netinet/|net/|linux/)
              |^(?:dirent|dlfcn|fcntl|fnmatch|getopt|glob|grp|iconv|ifaddrs|langinfo|
                 malloc|netdb|poll|pthread|pwd|regex|sched|semaphore|spawn|strings|syslog|
                 termios|unistd|wait)\.h$}x;
my $apr = qr{^(?:apr|apu)(?:_\w+)?\.h$};

# Why FILE of FLOOR (both below mod_mspmesh/) may not include HEADER; or nothing.
sub wrong_in_core {
    my ($floor, $file, $header) = @_;
    my ($target) = $header =~ m{^(\w+)/};

    for (@home) {
        my ($lib, $where) = @$_;
        next if $header !~ $lib;
        return $file =~ $where ? () : 'that library has its home elsewhere';
    }
    return if $header =~ $c || $header =~ $posix || $header =~ $apr;
    if ($header eq 'mesh_agent.h') {
        return if $floor eq 'top' || ($floor{$floor} // -1) >= $floor{mesh};
        return 'only mesh/ and httpd/ deal with agents';
    }
    if ($target && ($target eq 'train' || exists $floor{$target})) {
        return if $target eq $floor;
        return $train{$target} ? () : 'train/ is a program apart' if $floor eq 'train';
        return 'train/ is a program apart' if $target eq 'train';
        if ($file eq 'mesh_agent.h') {
            return $target eq 'base' ? () : 'agents are shown base/ only';
        }
        return if $floor eq 'top' || $floor{$target} < $floor{$floor};
        return $floor{$target} == $floor{$floor}
            ? "$floor/ and $target/ do not know each other" : 'that looks up, not down';
    }
    return if -e "mod_mspmesh/$floor/$header" && $header !~ m{/};
    return if $floor eq 'top' && -e "mod_mspmesh/$header";
    return 'it has no home: give the library one in t/style/floors.t';
}

# Handlers of the platform are part of it: they may look into base/ and mesh/.
sub wrong_in_agent {
    my ($header, $is_platform) = @_;

    return if $is_platform && $header =~ m{^(?:base|mesh)/\w+\.h$};
    return if $header eq 'mesh_agent.h' || $header =~ m{^(?:algo|import)/\w+\.h$};
    return if $header =~ $c || $header =~ $apr;
    return 'an agent sees mesh_agent.h, algo/, import/, C and APR only';
}

my @files = files(qr{^(?:mod_mspmesh|handlers)/.*\.[ch]$});

for my $path (@files) {
    my ($top, $file) = $path =~ m{^(\w+)/(.+)};
    my $floor = $file =~ m{^(\w+)/} ? $1 : 'top';
    my $number = 0;
    my @wrong;

    if ($top eq 'mod_mspmesh' && $floor !~ /^(?:top|train)$/ && !exists $floor{$floor}) {
        push @wrong, "$path:1: there is no floor $floor";
    }
    elsif ($top eq 'mod_mspmesh' && $floor eq 'top'
           && $file !~ /^(?:mod_mspmesh\.c|mesh_agent\.h)$/) {
        push @wrong, "$path:1: it belongs on a floor";
    }
    elsif ($top eq 'handlers' && $file !~ m{^(?:platform/)?\w+\.c$}) {
        push @wrong, "$path:1: an agent is one C file, without a header";
    }
    else {
        for (code_lines($path, quoted => 1)) {
            $number++;
            next if !/^\s*#\s*include\b/;
            my ($header) = /^\s*#\s*include\s*[<"]([^>"]+)[>"]/;
            if (!$header) {
                push @wrong, "$path:$number: the header is not named";
                next;
            }
            my $why = $top eq 'handlers' ? wrong_in_agent($header, $floor eq 'platform')
                                         : wrong_in_core($floor, $file, $header);
            push @wrong, "$path:$number: $header: $why" if $why;
        }
    }
    report("$path looks down, not up", @wrong);
}
report('there is code to look at', @files ? () : 'mod_mspmesh/ and handlers/ are empty');
done_testing;
