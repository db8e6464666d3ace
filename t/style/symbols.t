# The module shows httpd one symbol; what else it showed could clash with others.

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

my $module = $ENV{MESH_MODULE} // '.build/mod_mspmesh.so';

must_have('build', "$module is not built") if !-f $module;
open my $nm, '-|', 'nm', '-D', '--defined-only', $module or must_have('build', 'nm is not there');
my @symbols = map { (split)[-1] } <$nm>;
close $nm or die "nm failed on $module\n";

# Some linkers add marks of their own.
my $linker = qr{^(?:_init|_fini|_edata|_end|__bss_start)$};
my @others = grep { $_ ne 'mspmesh_module' && $_ !~ $linker } @symbols;

report('the module shows itself', (grep { $_ eq 'mspmesh_module' } @symbols)
    ? () : "$module: mspmesh_module is not exported");
report('the module shows nothing else', map { "$module: $_ is exported" } @others);
done_testing;
