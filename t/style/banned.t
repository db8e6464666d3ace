# What never stands in our files, and why.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

# Files that own memory no pool can own, each with its reason.
my @may_allocate = (
    [qr{^mod_mspmesh/mesh/bytes\.[ch]$}   => 'bytes that cross threads are counted, not pooled'],
    [qr{^mod_mspmesh/base/json\.c$}       => 'jansson hands out what must be freed'],
    [qr{^mod_mspmesh/algo/logistic\.c$}   => 'liblinear hands out what must be freed'],
);

my %instead = (
    strcpy => 'apr_cpystrn', strcat => 'apr_pstrcat', sprintf => 'apr_psprintf',
    vsprintf => 'apr_pvsprintf', strtok => 'apr_strtok', gets => 'apr_file_gets',
    atoi => 'strtol and a look at where it stopped', atol => 'strtol', gmtime => 'apr_time_exp_gmt',
    localtime => 'apr_time_exp_lt', rand => 'base/crypto.h', random => 'base/crypto.h',
    srand => 'nothing: no answer depends on chance', system => 'io/process.h',
    popen => 'io/process.h', alloca => 'a pool',
);
my $banned = join '|', sort keys %instead;

my (@calls, @allocations, @volatiles);

for my $path (c_files()) {
    my $may_allocate = grep { $path =~ $_->[0] } @may_allocate;
    my $number = 0;

    for (code_lines($path)) {
        $number++;
        push @calls, "$path:$number: $1(): use $instead{$1}"
            while /(?<!->)(?<![\w.])($banned)\s*\(/g;
        push @allocations, "$path:$number: $1(): use a pool, or say why in t/style/banned.t"
            while !$may_allocate && /(?<!->)(?<![\w.])(malloc|calloc|realloc|free)\s*\(/g;
        push @volatiles, "$path:$number: volatile shares nothing: use apr_atomic or a lock"
            if /\bvolatile\b/;
    }
}
report('no function is called that cannot be called safely', @calls);
report('memory comes from pools', @allocations);
report('nothing is shared by volatile', @volatiles);

# Notes to ourselves belong to an owner, not into a file.
my $note = join '|', 'TO' . 'DO', 'FIX' . 'ME', 'X' . 'XX', 'HA' . 'CK';
my @product = files(qr{^(?:mod_mspmesh|handlers|conf|htdocs|sql|t|\.ci)/|^[^/]+$});
my (@notes, @secrets);

for my $path (@product) {
    next if !-T $path;
    my $number = 0;
    for (lines($path)) {
        $number++;
        push @notes, "$path:$number: $1" if /\b($note)\b/ && $path ne 'LICENSE';

        # Keys of the documentation say so themselves.
        next if /EXAMPLE/;
        push @secrets, "$path:$number: a private key" if /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY/;
        push @secrets, "$path:$number: an AWS access key" if /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/;
        push @secrets, "$path:$number: an API key" if /\bmsk_[A-Za-z0-9]+_[A-Za-z0-9_-]{20,}/;
    }
}
report('no note to ourselves is left', @notes);
report('no secret is in the tree', @secrets);

my @script = (
    [qr/((?:inner|outer)HTML)/i        => 'data becomes text by way of the DOM only'],
    [qr/\b(insertAdjacentHTML)\b/      => 'data becomes text by way of the DOM only'],
    [qr/\b(document\.write(?:ln)?)\b/  => 'data becomes text by way of the DOM only'],
    [qr/(?<![\w.])(eval)\s*\(/         => 'the content security policy forbids it'],
    [qr/\b(new\s+Function)\b/          => 'the content security policy forbids it'],
    [qr/\b(Math\.random)\b/            => 'a page shows only what the server returned'],
);
my (@scripts, @inline);

for my $path (files(qr{^htdocs/.*\.(?:m?js|html)$})) {
    my $number = 0;
    for ($path =~ /\.html$/ ? lines($path) : code_lines($path, quoted => 1)) {
        $number++;
        for my $rule (@script) {
            push @scripts, "$path:$number: $1: $rule->[1]" if $_ =~ $rule->[0];
        }
    }
}
for my $path (files(qr{^htdocs/.*\.html$})) {
    my $text = text($path) =~ s{(<!--.*?-->)}{$1 =~ s/[^\n]/ /gr}gser;
    my @rule = (
        [qr/<[^<>]*\s(style\s*=)/i                          => 'style belongs into css/'],
        [qr/<(style)\b/i                                    => 'style belongs into css/'],
        [qr/<[^<>]*\s(on[a-z]+\s*=)/i                       => 'script belongs into js/'],
        [qr/<(script)\b(?![^>]*\ssrc\s*=)(?![^>]*json["'])/i => 'script belongs into js/'],
    );
    for my $rule (@rule) {
        while ($text =~ /$rule->[0]/g) {
            my ($what, $before) = ($1, substr $text, 0, $-[1]);
            my $line = 1 + ($before =~ tr/\n//);
            push @inline, "$path:$line: $what: $rule->[1]";
        }
    }
}
report('pages make nothing up and run no strings', @scripts);
report('pages hold no style and no script of their own', @inline);
done_testing;
