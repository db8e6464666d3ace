# Tables from which nothing can be learned are refused before a job is made.

use strict;
use warnings FATAL => 'all';
use Mesh::Test;

my $msp = tenant('Tamwell Networks');
my $key = key_for($msp);

sub rows { return '[' . join(',', @_) . ']' }
my $good = rows(map { sprintf '{"a":%d,"b":"%s","y":%d}', $_ * 7 % 31, 'uv', $_ % 2 } 1 .. 100);
my $varied = rows(map { sprintf '{"a":%d,"y":%d}', $_ * 7 % 31, $_ % 2 } 1 .. 100);

# What is wrong, the members besides model and target, status, code, pointer.
my @bad = (
    [ 'no table', '"x":1', 400, 'unknown_member', '/x' ],
    [ 'neither rows nor CSV', '', 400, 'missing_member', undef ],
    [ 'both', qq("csv":"a,y","rows":$varied), 400, 'missing_member', undef ],
    [ 'an empty CSV', '"csv":""', 422, 'empty_csv', '/csv' ],
    [ 'a header only', '"csv":"a,y\n"', 422, 'empty_csv', '/csv' ],
    [ 'a short line', '"csv":"a,y\n1,0\n1\n"', 422, 'ragged_csv', '/csv' ],
    [ 'a long line', '"csv":"a,y\n1,0\n1,0,1\n"', 422, 'ragged_csv', '/csv' ],
    [ 'a header that repeats itself', '"csv":"a,a,y\n1,2,1"', 422, 'bad_header', '/csv' ],
    [ 'a header without a name', '"csv":"a,,y\n1,2,1"', 422, 'bad_header', '/csv' ],
    [ 'one class only', '"rows":' . rows(('{"a":1,"y":1}', '{"a":2,"y":1}') x 50), 422, 'one_class',
        undef ],
    [ 'three classes', '"rows":' . rows(map { qq({"a":$_,"y":@{[$_ % 3]}}) } 1 .. 99), 422,
        'target_not_binary', undef ],
    [ 'a target with gaps', '"rows":' . rows(map { qq({"a":$_,"y":@{[(0, 1, 'null')[$_ % 3]]}}) }
        1 .. 99), 422, 'target_has_gaps', undef ],
    [ 'a target that is not there', '"rows":' . rows(('{"a":1}', '{"a":2}') x 50), 422,
        'target_missing', undef ],
    [ 'a column that never varies', qq("rows":$good), 422, 'constant_column', undef ],
    [ 'three rows', '"rows":' . rows('{"a":1,"y":1}', '{"a":2,"y":0}', '{"a":3,"y":1}'), 422,
        'too_few_rows', undef ],
    [ 'a number of 1e308', '"rows":' . ($varied =~ s/"a":7/"a":1e308/r), 422,
        'number_out_of_range', undef ],
    [ 'a row that is a list', '"rows":[[1,2]]', 400, 'wrong_type', '/rows/0' ],
    [ 'one fold', qq("rows":$varied,"folds":1), 400, 'out_of_range', '/folds' ],
    [ 'a learner nobody knows', qq("rows":$varied,"algorithm":"magic"), 400, 'not_allowed',
        '/algorithm' ],
);
plan_tests @bad + 7;

my $before = stored($msp);
for (@bad) {
    my ($what, $members, $status, $code, $pointer) = @$_;
    my $body = '{"model":"bad","target":"y"' . ($members ? ",$members" : '') . '}';
    is_problem api(POST => '/api/client-health/train', $body, key => $key), $status, $code,
        $pointer,
        "refused: $what";
}
is stored($msp), $before, 'none of them became a model or a job';

my $train = '/api/client-health/train';
is_problem api(POST => $train, { model => 'clients', target => 'y', csv => "a,y\n1,0\n" },
    key => $key), 400, 'not_allowed', '/model', 'the model of the own history keeps its name';
is_problem api(POST => $train, { model => 'clients-seed', target => 'y', csv => "a,y\n1,0\n" },
    key => $key), 400, 'not_allowed', '/model', 'so does the one of the three figures';
is_problem api(POST => $train, { from => 'elsewhere' }, key => $key), 400, 'not_allowed', '/from',
    'there is no other history than the own';
is_problem api(POST => $train, { from => 'history' }, key => $key, prefer => 'persist=none'), 400,
    'not_a_what_if', 'learning from history cannot be a what-if';
is_problem api(POST => $train, qq({"model":"what-if","target":"y","rows":$varied}), key => $key,
    prefer => 'persist=none'), 400, 'not_a_what_if', 'nor can learning from a table';
is stored($msp), $before, 'and neither left anything behind';
