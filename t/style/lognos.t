# A log number is given once, and its thousands tell the floor.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

my @band = (
    [qr{^mod_mspmesh/(?:httpd/|mod_mspmesh\.c$)} => 1],
    [qr{^mod_mspmesh/mesh/}                      => 2],
    [qr{^mod_mspmesh/(?:aws|import)/}            => 3],
    [qr{^mod_mspmesh/io/}                        => 4],
    [qr{^mod_mspmesh/(?:base|algo)/}             => 5],
    [qr{^mod_mspmesh/train/}                     => 6],
    [qr{^handlers/}                              => 9],
);
my (%first, @twice, @empty, @astray);

for my $path (files(qr{^(?:mod_mspmesh|handlers)/.*\.[ch]$})) {
    my ($digit) = map { $path =~ $_->[0] ? $_->[1] : () } @band;
    my $number = 0;

    for (code_lines($path)) {
        $number++;
        next if /^\s*#\s*define\s+MESHNO\b/;
        while (/\bMESHNO\s*\(\s*([^)]*?)\s*\)/g) {
            my ($no, $at) = ($1, "$path:$number");

            if ($no !~ /^[1-9]\d{3}$/) {
                push @empty, "$at: MESHNO($no) is no number of four digits";
                next;
            }
            push @twice, "$at: $no is already given at $first{$no}" if $first{$no};
            $first{$no} //= $at;
            push @astray, defined $digit ? "$at: numbers here begin with $digit, not as in $no"
                                         : "$at: no numbers are set aside for this place"
                if !defined $digit || $no !~ /^$digit/;
        }
    }
}
report('no log number is empty', @empty);
report('no log number is given twice', @twice);
report('the thousands of a log number tell the floor', @astray);
done_testing;
