# An agent is five files whose names agree.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

my %is_agent;

for my $path (files(qr{^handlers/[^/]+\.c$})) {
    my ($x) = $path =~ m{^handlers/(.+)\.c$};
    my $code = c_code(text($path), quoted => 1);
    my ($name) = $code =~ /\.name\s*=\s*"([^"]*)"/;
    my ($page) = $code =~ /\.page\s*=\s*"([^"]*)"/;
    my $line = 1 + (substr($code, 0, $-[0] // 0) =~ tr/\n//);
    my @wrong;

    $is_agent{$x} = 1;
    push @wrong, "$path:1: a file is named in lower case with underscores"
        if $x !~ /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
    push @wrong, "$path:1: sql/agents/$x.sql is missing" if !-f "sql/agents/$x.sql";
    push @wrong, "$path:1: t/agents/$x.t is missing" if !-f "t/agents/$x.t";
    if (!defined $name) {
        push @wrong, "$path:1: the descriptor has no .name";
    }
    elsif ($name =~ tr/-/_/r ne $x) {
        push @wrong, "$path:1: the descriptor's .name is $name, the file's $x";
    }
    if (!defined $page) {
        push @wrong, "$path:1: the descriptor has no .page";
    }
    elsif ($page !~ m{^[a-z0-9]+(?:[-/][a-z0-9]+)*\.html$}) {
        push @wrong, "$path:$line: .page is $page; a page is named with hyphens";
    }
    elsif (!-f "htdocs/$page") {
        push @wrong, "$path:$line: htdocs/$page is missing";
    }
    push @wrong, "$path:1: it predicts, and t/accuracy/$x is missing"
        if $code =~ /\.predicts\s*=\s*1\b/ && !grep { -e } glob("t/accuracy/$x t/accuracy/$x.*");
    report("the agent $x is complete", @wrong);
}

# What would still be applied when its agent is gone.
report('no SQL is left of an agent that is not there', map {
    my ($x) = m{^sql/agents/([^./]+)(?:\.\d+)?\.sql$};
    !defined $x ? "$_:1: it is named neither <agent>.sql nor <agent>.<n>.sql"
        : $is_agent{$x} ? () : "$_:1: handlers/$x.c is missing";
} files(qr{^sql/agents/}));
done_testing;
