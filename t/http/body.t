# How much may be sent, as what, and what becomes of the rest.

use strict;
use warnings FATAL => 'all';
use Mesh::Test;

my $predict = '/api/client-health/predict';
my $limit = 32 * 1024 * 1024;
my $key = key_for(northgate());
my $head = "Host: x\r\nX-API-Key: $key\r\nContent-Type: application/json";

# A connection, and the answer to what was sent on it.
sub say_raw {
    my ($bytes) = @_;
    my $wire = wire();
    $wire->send($bytes);
    return ($wire, $wire->answer);
}

my @types = ('text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
    'application/jsonx', 'text/json', '');
my @good = ('application/json', 'Application/JSON; charset=utf-8', 'application/problem+json');
plan_tests @types + @good + 16;

my $before = stored(northgate());
for my $type (@types) {
    is_problem api(POST => $predict, '{}', headers => { 'Content-Type' => $type }), 415,
        'wrong_content_type', 'a body of type ' . ($type || 'none') . ' is not guessed at';
}
for my $type (@good) {
    is_problem api(POST => $predict, '{}', headers => { 'Content-Type' => $type }), 400,
        'missing_member', "$type is read";
}
is_problem api(POST => $predict, '{}', headers => { 'Content-Encoding' => 'gzip' }), 415,
    'wrong_content_type', 'nor is one unpacked';

# Refused by what it announces, with not a byte of it sent.
my ($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nContent-Length: @{[$limit + 1]}"
    . "\r\nExpect: 100-continue\r\n\r\n");
is_problem $answer, 413, 'too_large', 'a body is refused by its announced length';
is $answer->{headers}->header('Connection'), 'close', 'and the connection with it';

# A body in chunks announces nothing: it is read as far as the limit.
$wire = wire();
$wire->send("POST $predict HTTP/1.1\r\n$head\r\nTransfer-Encoding: chunked\r\n\r\n");
my $chunk = ' ' x 1_048_576;
for (1 .. 33) {
    $wire->send(sprintf "%x\r\n%s\r\n", length $chunk, $chunk) or last;
}
is_problem $wire->answer, 413, 'too_large', 'one in chunks when it grows too large';

($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "8\r\n{\"client\r\n9\r\n_id\":\"x\"}\r\n0\r\n\r\n");
is_problem $answer, 404, 'unknown_client', '/client_id', 'chunks are put together again';

($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "zz\r\n{}\r\n0\r\n\r\n");
is_problem $answer, 400, 'bad_request', 'a chunk without a length is refused';

($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nContent-Length: -1\r\n\r\n");
is_problem $answer, 400, 'bad_request', 'so is a length below nothing';

($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nContent-Length: 99999999999999999999"
    . "\r\n\r\n");
is $answer->{status} =~ /^4(?:00|13)$/, 1, 'and one that no number holds';

$wire = wire();
$wire->send("POST $predict HTTP/1.1\r\n$head\r\nContent-Length: 100\r\n\r\n{\"client_id\":");
$wire->finish;
is_problem $wire->answer, 400, 'bad_request', 'a body that is cut off is not taken for the whole';

# What was not read does not become the next request.
my $smuggled = "GET /api/nope HTTP/1.1\r\nHost: x\r\n\r\n";
$wire = wire();
$wire->send("POST $predict HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
    . length($smuggled) . "\r\n\r\n$smuggled" . "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
is_problem $wire->answer, 401, 'unauthenticated', 'a body from nobody is not read';
is_deeply $wire->answer->{json}, { status => 'ok' }, 'nor taken for the next request';

($wire, $answer) = say_raw("POST $predict HTTP/1.1\r\n$head\r\nContent-Length: 2\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
is $answer->{status}, 400, 'a body with two lengths is refused';
is stored(northgate()), $before, 'nothing of all that is stored';

# Big bodies: four at once in a child, so that memory has a bound.
my $big = '{"client_id":"' . 'x' x 2_000_000 . '"}';
is_problem api(POST => $predict, $big), 400, 'too_long', '/client_id', 'a text of 2 MB is read';
my $csv = "a,y\n" . "1,0\n" x 260_000;
is_problem api(POST => '/api/client-health/train', { model => 'm', target => 'y', csv => $csv }),
    422, 'too_many_rows', '/csv', 'more than 100,000 rows are too many';
is_problem api(POST => $predict, '{"model":"clients","rows":['
    . join(',', ('{"a":1}') x 100_001) . ']}'), 400, 'too_many', '/rows',
    'as rows and as CSV';
