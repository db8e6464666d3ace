# What the style tests look at: the files of the tree, without what is built,
# fetched or written at run time.  All of them run from the top directory.

package Tree;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use File::Find;
use Test::More;

our @EXPORT = qw(files c_files text lines code_lines c_code report must_have);

# What .gitignore names is not ours to judge; nor are default models, which are
# data, and the corpora of the fuzzers.
sub passed_over {
    my @passed = (qr{^\.git(?:/|$)}, qr{^conf/models(?:/|$)}, qr{^t/fuzz/corpus(?:/|$)});

    if (open my $in, '<', '.gitignore') {
        while (<$in>) {
            chomp;
            next if /^#/ || !/\S/;
            s{/$}{};
            my $anchor = s{^/}{} ? '^' : '(?:^|/)';
            my $glob = join '[^/]*', map { quotemeta } split /\*/, $_, -1;
            push @passed, qr{$anchor$glob(?:/|$)};
        }
    }
    return @passed;
}

my @all;

# The files whose path matches, in order.
sub files {
    my ($wanted) = @_;

    if (!@all) {
        my @passed = passed_over();
        find({ no_chdir => 1, preprocess => sub {
            grep { my $path = "$File::Find::dir/$_" =~ s{^\./}{}r;
                   !/^\.\.?$/ && !grep { $path =~ $_ } @passed } @_;
        }, wanted => sub { push @all, s{^\./}{}r if -f } }, '.');
        @all = sort @all;
    }
    return grep { $_ =~ $wanted } @all;
}

sub c_files { return files(qr{^(?:mod_mspmesh|handlers|t)/.*\.[ch]$}) }

sub text {
    my ($path) = @_;

    open my $in, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$in> // '';
}

sub lines { return split /\n/, text($_[0]), -1 }

# C or JavaScript with comments blanked, and what is quoted too unless asked to
# keep it; every line stays where it is.
sub c_code {
    my ($text, %keep) = @_;
    my $blank = sub { $_[0] =~ s/[^\n]/ /gr };

    $text =~ s{
        ( /\*.*?\*/ | (?<![:\\])//[^\n]* )
      | ( "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    }{ defined $1 ? $blank->($1) : $keep{quoted} ? $2
       : substr($2, 0, 1) . $blank->(substr $2, 1, -1) . substr($2, -1) }gsex;
    return $text;
}

sub code_lines { return split /\n/, c_code(text($_[0]), @_[1 .. $#_]), -1 }

# One test: nothing is wrong, or this is.
sub report {
    my ($name, @wrong) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok(!@wrong, $name) or diag(map { "$_\n" } @wrong);
}

# Skip all with the reason WHY, unless MESH_EXPECT names WHAT.
sub must_have {
    my ($what, $why) = @_;

    if (($ENV{MESH_EXPECT} // '') =~ /\b\Q$what\E\b/) {
        fail("$what is expected: $why");
        done_testing();
        exit 1;
    }
    plan(skip_all => $why);
}

1;
