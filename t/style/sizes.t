# Files stay small enough to be read, and begin and end as they should.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

# The first row that matches decides how many lines a file may have.
my @most = (
    [qr{^t/.*\.(?:c|h|pm|t|pl|js|mjs)$}     => 650],
    [qr{^handlers/.*\.c$}                   => 1200],    # one agent, one file
    [qr{^mod_mspmesh/.*\.c$}                => 800],
    [qr{^mod_mspmesh/mesh_agent\.h$}        => 400],     # all that an agent may see
    [qr{^mod_mspmesh/.*\.h$}                => 300],
    [qr{^htdocs/.*\.m?js$}                  => 400],
    [qr{^sql/demo/.*\.sql$}                 => 650],
    [qr{^sql/.*\.sql$}                      => 500],
);
my $function = 120;
my $columns = 100;
my $loose_columns = 110;    # SQL, and sentences of tests
my $ours = qr{^(?:mod_mspmesh|handlers|conf|htdocs|sql|t|\.ci)/|^[^/]+$};
my $text_like = qr{\.(?:[ch]|pm|pl|t|m?js|css|html|svg|sql|conf|load|in|md|sh|ya?ml|mk)$
                  |^(?:Makefile|sql/migrate|t/TEST|\.ci/\w+|\.gitignore|\.clang-\w+)$}x;
my (@long, @functions, @wide, @tabs, @blanks, @ends, @starts);

# A body is what stands between two braces in the first column.
sub long_functions {
    my ($path) = @_;
    my ($number, $start, $name, $last) = (0, 0, '', '');
    my @wrong;

    for (code_lines($path)) {
        $number++;
        ($last) = /(\w+)\s*\(/ if /^[A-Za-z_][^;={]*\(/;
        if (/^\{\s*$/) {
            ($start, $name) = ($number, $last);
        }
        elsif (/^\}/ && $start) {
            my $lines = $number - $start + 1;
            push @wrong, "$path:$start: $name() has $lines lines, and may have $function"
                if $lines > $function;
            $start = 0;
        }
    }
    return @wrong;
}

for my $path (grep { $_ =~ $text_like } files($ours)) {
    my $text = text($path);
    my @lines = split /\n/, $text;
    my ($most) = map { $path =~ $_->[0] ? $_->[1] : () } @most;
    my $number = 0;

    push @long, "$path:" . @lines . ': it has ' . @lines . " lines, and may have $most"
        if defined $most && @lines > $most;
    push @ends, "$path:" . @lines . ': the last line does not end' if $text !~ /(?:^|\n)\z/;
    push @ends, "$path:" . @lines . ': empty lines at the end' if $text =~ /\n\n\z/;
    for (@lines) {
        $number++;
        if ($path =~ /\.(?:[ch]|pm|t|m?js|sql)$/) {
            my $line = $_;
            utf8::decode($line);
            my $most = $path =~ m{\.sql$|^t/} ? $loose_columns : $columns;
            push @wide, "$path:$number: " . length($line) . " columns, and may have $most"
                if length $line > $most;
        }
        push @tabs, "$path:$number: a tab" if /\t/ && $path !~ m{(?:^|/)Makefile$|\.mk$};
        push @blanks, "$path:$number: blanks at the end of the line" if /[ \t\r]$/;
    }
    next if $path !~ /\.[ch]$/;
    push @functions, long_functions($path);
    push @starts, "$path:1: it does not begin with /* SPDX-License-Identifier: Apache-2.0 */"
        if ($lines[0] // '') ne '/* SPDX-License-Identifier: Apache-2.0 */';
    push @starts, "$path:2: a comment must say what it is for"
        if $text !~ m{^[^\n]*\n/\*(?:(?!\*/).)*\w+\W+\w+\W+\w+(?:(?!\*/).)*\*/}s;
}
report('no file is too long to be read', @long);
report('no function is too long to be understood', @functions);
report('no line is too wide', @wide);
report('no tab stands outside a Makefile', @tabs);
report('no line ends in blanks', @blanks);
report('every file ends with one end of line', @ends);
report('every C file begins with its licence and its purpose', @starts);
done_testing;
