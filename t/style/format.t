# C looks as clang-format 14 writes it by .clang-format.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

# Another version writes the same rules differently.
my ($tool) = grep {
    my $version = qx{$_ --version 2>/dev/null} // '';
    $version =~ /\bversion 14\b/;
} qw(clang-format-14 clang-format);

must_have('format', 'clang-format 14 is not there') if !$tool;
must_have('format', 'there is no .clang-format here') if !-f '.clang-format';
for my $path (c_files()) {
    open my $run, '-|', "$tool --dry-run -Werror --style=file '$path' 2>&1" or die "$tool: $!\n";
    my %seen;
    my @wrong = map { /^(\S+?:\d+):\d+: error: / && !$seen{$1}++ ? "$1: run make format" : () }
        <$run>;
    push @wrong, "$path:1: $tool failed" if !close $run and !@wrong;
    report("$path is formatted", @wrong);
}
report('there is C to look at', c_files() ? () : 'there are no C files');
done_testing;
