# What cannot be understood is refused: where, why, once in the log, and
# nothing of it is stored.

use strict;
use warnings FATAL => 'all';
use Mesh::Test;

my $predict = '/api/client-health/predict';
my $figures = '"resolution_time":4,"satisfaction_score":8';
my $deep = '[' x 63;

# What is wrong, the body, the code, and the pointer to it ('' is the whole).
my @bad = (
    [ 'no text at all', '', 'not_json', undef ],
    [ 'a text that is not JSON', 'nope', 'not_json', undef ],
    [ 'a second value after the first', '{"client_id":"x"} x', 'not_json', undef ],
    [ 'a byte order mark', "\xef\xbb\xbf{}", 'not_json', undef ],
    [ 'a text that breaks off', '{"client_id":"x"', 'not_json', undef ],
    [ 'a list instead of an object', '[]', 'wrong_type', '' ],
    [ 'a number instead of an object', '3', 'wrong_type', '' ],
    [ 'a member of another type', '{"client_id":3}', 'wrong_type', '/client_id' ],
    [ 'a null where none may be', '{"client_id":null}', 'wrong_type', '/client_id' ],
    [ 'a member nobody knows', '{"client_id":"x","zz":1}', 'unknown_member', '/zz' ],
    [ 'a name with slash and tilde', '{"client_id":"x","a/b~c":1}', 'unknown_member', '/a~1b~0c' ],
    [ 'a member given twice', '{"client_id":"x","client_id":"y"}', 'duplicate_member',
        '/client_id' ],
    [ 'the same deeper down', '{"a":{"b/c":1,"b/c":2}}', 'duplicate_member', '/a/b~1c' ],
    [ 'the same name spelt otherwise', '{"a":1,"\u0061":2}', 'duplicate_member', '/a' ],
    [ 'a member that is missing', '{}', 'missing_member', '/client_id' ],
    [ 'one of three figures only', '{"ticket_volume":1}', 'missing_member', '/resolution_time' ],
    [ 'rows without a model', '{"rows":[{"a":1}]}', 'missing_member', '/model' ],
    [ '65 levels of lists', "[[$deep" . ']' x 65, 'too_deep', undef ],
    [ '65 levels below a member', '{"features":[' . $deep . ']' x 64 . '}', 'too_deep', undef ],
    [ '100,000 open brackets', '[' x 100_000, 'too_deep', undef ],
    [ 'a NUL in a text', '{"client_id":"a\u0000b"}', 'bad_string', '/client_id' ],
    [ 'a NUL in a name', '{"a\u0000b":1}', 'bad_string', undef ],
    [ 'half a surrogate pair', '{"client_id":"\ud800"}', 'bad_string', '/client_id' ],
    [ 'the other half', '{"client_id":"\udc00x"}', 'bad_string', '/client_id' ],
    [ 'bytes that are not UTF-8', qq({"client_id":"\xff"}), 'not_utf8', '/client_id' ],
    [ 'a surrogate written in UTF-8', qq({"client_id":"\xed\xa0\x80"}), 'not_utf8', '/client_id' ],
    [ 'an overlong slash', qq({"client_id":"\xc0\xaf"}), 'not_utf8', '/client_id' ],
    [ 'NaN', qq({"ticket_volume":NaN,$figures}), 'not_json', '/ticket_volume' ],
    [ 'Infinity', qq({"ticket_volume":Infinity,$figures}), 'not_json', '/ticket_volume' ],
    [ '1e308 tickets', qq({"ticket_volume":1e308,$figures}), 'out_of_range', '/ticket_volume' ],
    [ '1e999 tickets', qq({"ticket_volume":1e999,$figures}), 'bad_number', '/ticket_volume' ],
    [ 'an integer beyond 64 bits', '{"x":123456789012345678901234567890}', 'bad_number', '/x' ],
    [ '1e308 in a row', '{"model":"clients","rows":[{"tickets_30d":1e308}]}', 'bad_cell',
        '/rows/0/tickets_30d' ],
    [ 'a word for a number', '{"model":"clients","rows":[{"tickets_30d":"ten"}]}', 'bad_cell',
        '/rows/0/tickets_30d' ],
    [ 'a list in a cell', '{"model":"clients","rows":[{"a":1},{"a":[]}]}', 'wrong_type',
        '/rows/1/a' ],
    [ 'no row', '{"model":"clients","rows":[]}', 'too_few', '/rows' ],
    [ 'a model name that climbs', '{"model":"../x","rows":[{"a":1}]}', 'bad_format', '/model' ],
    [ 'an empty batch', '{"items":[]}', 'bad_batch', '/items' ],
    [ 'a batch with more beside it', '{"items":[{"client_id":"x"}],"zz":1}', 'bad_batch',
        '/items' ],
    [ 'a batch that is no list', '{"items":{}}', 'bad_batch', '/items' ],
    [ '10,001 items', '{"items":[' . join(',', ('{}') x 10_001) . ']}', 'bad_batch', '/items' ],
);
plan_tests @bad + 6;

my $msp = tenant('Tamwell Networks');
my $key = key_for($msp);
my $before = stored($msp);
my $logged = log_lines("MESH1103: request(POST $predict)");
for (@bad) {
    my ($what, $body, $code, $pointer) = @$_;
    is_problem api(POST => $predict, $body, key => $key), 400, $code, $pointer, "refused: $what";
}
is stored($msp), $before, 'nothing of all that is stored';
is scalar(log_lines("MESH1103: request(POST $predict)")) - $logged, scalar(@bad),
    'each has its one numbered line in the log';

# Names are the caller's: a long one must not cost more than it weighs.
my $long = 'n' x 1_000_000;
my $refused = api(POST => '/api/session', qq({"$long":{"a":x}}), key => 0);
is_problem $refused, 400, 'not_json', 'a name of a million letters is refused like another';
cmp_ok length $refused->{body}, '<', 10_000, 'and not sent back';

my $problem = api(POST => $predict, '{"client_id":3}', key => $key)->{json};
is $problem->{request_id}, (split /-/, api(POST => $predict, '{}', key => $key,
    headers => { traceparent => "00-$problem->{request_id}-00f067aa0ba902b7-01" })
    ->{headers}->header('traceparent'))[1], 'a problem is named by its trace';
is_deeply [ @$problem{qw(type title instance)}, $problem->{error}{details}{field} ],
    [ 'urn:mspmesh:problem:wrong_type', 'Bad Request', $predict, 'client_id' ],
    'it says what and where, for today\'s programs and for those of the prototypes';
