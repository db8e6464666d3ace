# The description of the interface is right: by the standard's own schema, and
# by what the server does.

use strict;
use warnings FATAL => 'all';
use Cwd qw(abs_path);
use File::Temp ();
use Mesh::Test tests => 13;

my $answer = api(GET => '/openapi.json', undef, key => 0);
is $answer->{status}, 200, 'everybody may read the description';
my $api = $answer->{json};
like $api->{openapi}, qr/^3\.1\./, 'it is OpenAPI 3.1';

# ---- By the standard

my $modules = $ENV{MESH_NODE_MODULES} // '';
my $validator = "$modules/\@seriousme/openapi-schema-validator/index.js";
my $is_expected = ",@{[ $ENV{MESH_EXPECT} // '' ]}," =~ /,openapi,/;

sub faults {
    my ($text) = @_;
    my $file = File::Temp->new(SUFFIX => '.json');
    print $file $text;
    close $file;
    my $program = <<'JS';
const { Validator } = await import(process.argv[1]);
const { readFileSync } = await import("node:fs");
const result = await new Validator().validate(JSON.parse(readFileSync(process.argv[2])));
console.log(result.valid ? "" : JSON.stringify(result.errors));
JS
    open my $node, '-|', 'node', '--input-type=module', '-e', $program, '--',
        'file://' . abs_path($validator), $file->filename or die $!;
    chomp(my $said = join '', <$node>);
    close $node or return "the validator failed: $said";
    return $said;
}
SKIP: {
    skip "no validator in MESH_NODE_MODULES ($modules)", 2 if !-e $validator && !$is_expected;
    is faults($answer->{body}), '', 'its own schema finds no fault';
    isnt faults($answer->{body} =~ s/"paths"/"pahts"/r), '', 'which it does where there is one';
}

# ---- By the server

my $catalogue = api(GET => '/api/agents')->{json}{agents};
my ($prefix) = map { $_->{url} } @{ $api->{servers} };
is $prefix, '/api', 'it says where the interface begins';
my @missing = grep { !$api->{paths}{ $_->{path} =~ s/^\Q$prefix\E//r }{ lc $_->{method} } }
    grep { $_->{path} } map { @{ $_->{actions} } } @$catalogue;
is_deeply [ map { $_->{path} } @missing ], [], 'every action of every agent is described';

my (%ids, @silent, @mute, @open);
for my $path (sort keys %{ $api->{paths} }) {
    for my $method (sort keys %{ $api->{paths}{$path} }) {
        my $does = $api->{paths}{$path}{$method};
        next unless ref $does eq 'HASH' && $does->{responses};
        $ids{ $does->{operationId} // '' }++;
        push @mute, "$method $path" unless length($does->{summary} // '');
        my $asked = $path =~ s/\{[^}]*\}/00000000-0000-0000-0000-000000000000/gr;
        my $got = api(uc $method => "$prefix$asked", undef, key => 0);
        push @silent, "$method $path"
            if ($got->{json}{code} // '') =~ /^(?:unknown_route|method_not_allowed)$/;
        my $needs_key = !$does->{security} || grep { %$_ } @{ $does->{security} };
        push @open, "$method $path is " . ($got->{status} == 401 ? 'closed' : 'open')
            if $needs_key xor $got->{status} == 401;
    }
}
cmp_ok scalar(keys %ids), '>', 15, 'more than a dozen operations are described';
is scalar(grep { $_ > 1 } values %ids), 0, 'each under a name of its own';
is $ids{''}, undef, 'and none without';
is_deeply \@silent, [], 'each is answered';
is_deeply \@mute, [], 'each says what it does';
is_deeply \@open, [], 'and whether it needs a key, as it does';

my @broken;
my $walk;
$walk = sub {
    my ($node) = @_;
    if (ref $node eq 'ARRAY') { $walk->($_) for @$node }
    return unless ref $node eq 'HASH';
    if (my $ref = $node->{'$ref'}) {
        my $at = $api;
        $at = ref $at eq 'HASH' ? $at->{ s/~1/\//gr =~ s/~0/~/gr } : undef
            for grep { length && $_ ne '#' } split m{/}, $ref;
        push @broken, $ref unless defined $at;
    }
    $walk->($_) for values %$node;
};
$walk->($api);
is_deeply \@broken, [], 'no reference leads nowhere';
