# Paths, methods and queries that mean nothing here, and who answers them.

use strict;
use warnings FATAL => 'all';
use Mesh::Test;

# httpd's own words about a path it cannot read.
expect_log 'AH10244';

my $clients = '/api/client-health/clients';

# What, method, path, status, code, pointer.
my @bad = (
    [ 'an unknown path', GET => '/api/nope', 404, 'unknown_route' ],
    [ 'the prefix alone', GET => '/api', 404, 'unknown_route' ],
    [ 'a slash too many', GET => '/api/agents/', 404, 'unknown_route' ],
    [ 'an id that is empty', GET => "$clients/", 404, 'unknown_route' ],
    [ 'a path below an id', GET => "$clients/1/2", 404, 'unknown_route' ],
    [ 'an encoded slash', GET => '/api/client-health/..%2fmodels', 404, 'unknown_route' ],
    [ 'the same in capitals', GET => '/api/%2F', 404, 'unknown_route' ],
    [ 'an encoded NUL', GET => '/api/client-health/%00', 404, 'unknown_route' ],
    [ 'half an escape', GET => '/api/agents%2', 400, 'bad_request' ],
    [ 'an id that is not UTF-8', GET => "$clients/%ff", 400, 'not_utf8', '/client_id' ],
    [ 'a job that is no UUID', GET => '/api/jobs/1', 400, 'bad_format', '/id' ],
    [ 'a query that is not well encoded', GET => "$clients?limit=%zz", 400, 'bad_parameter' ],
    [ 'a NUL in a query', GET => "$clients?q=a%00b", 400, 'bad_parameter' ],
    [ 'a parameter given twice', GET => "$clients?limit=1&limit=2", 400, 'duplicate_member',
        '/limit' ],
    [ 'the same, spelt otherwise', GET => "$clients?limit=1&%6cimit=2", 400, 'duplicate_member',
        '/limit' ],
    [ 'a parameter nobody knows', GET => "$clients?x=1", 400, 'unknown_member', '/x' ],
    [ 'a parameter where none is taken', GET => '/api/agents?x=1', 400, 'unknown_member', '/x' ],
    [ 'a parameter that is not UTF-8', GET => "$clients?q=%ff", 400, 'not_utf8', '/q' ],
    [ 'a name that is not UTF-8', GET => "$clients?%ff=1", 400, 'not_utf8', undef ],
    [ 'a word for a number', GET => "$clients?limit=ten", 400, 'wrong_type', '/limit' ],
    [ 'half a client', GET => "$clients?limit=1.5", 400, 'wrong_type', '/limit' ],
    [ 'no client at all', GET => "$clients?limit=0", 400, 'out_of_range', '/limit' ],
    [ 'an unknown order', GET => "$clients?sort=colour", 400, 'not_allowed', '/sort' ],
    [ 'a cursor that is none', GET => '/api/events?after=' . 'z' x 40, 400, 'bad_format',
        '/after' ],
);

# Method, path, what may be done there.
my @other = (
    [ GET => '/api/client-health/predict', 'POST' ],
    [ DELETE => '/client-health/predict', 'POST' ],
    [ GET => '/client-health', 'POST' ],
    [ POST => $clients, 'GET, HEAD' ],
    [ TRACE => '/api/agents', 'GET, HEAD' ],
    [ PROPFIND => '/api/agents', 'GET, HEAD' ],
    [ BREW => '/healthz', 'GET, HEAD' ],
    [ PUT => '/api/session', 'POST, GET, HEAD, DELETE' ],
);
plan_tests @bad + 2 * @other + 14;

for (@bad) {
    my ($what, $method, $path, $status, $code, $pointer) = @$_;
    is_problem api($method => $path), $status, $code, $pointer, "refused: $what";
}
for (@other) {
    my ($method, $path, $allowed) = @$_;
    my $answer = api($method => $path);
    is_problem $answer, 405, 'method_not_allowed', "$path does not answer $method";
    is join(',', sort split /, /, $answer->{headers}->header('Allow') // ''),
        join(',', sort split /, /, $allowed), "and says that it answers $allowed";
}

my $own = api(GET => '/api/%2f', undef, headers => { traceparent =>
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' });
is $own->{json}{instance}, '/api/%2f', 'a problem names the path as it was sent';
is $own->{json}{request_id}, '4bf92f3577b34da6a3ce929d0e0e4736', 'and the trace';
like $own->{headers}->header('traceparent'), qr/^00-4bf92f3577b34da6a3ce929d0e0e4736-/,
    'which goes on, where httpd itself refuses';
is $own->{headers}->header('X-Content-Type-Options'), 'nosniff', 'with the headers of all answers';
is_problem api(GET => '/api/nope', undef, key => 0), 404, 'unknown_route',
    'whoever asks for nothing learns so without a key';
is api(OPTIONS => '/api/client-health/predict', undef, key => 0)->{headers}->header('Allow'),
    'POST, OPTIONS', 'a path says what may be done there';
my $head = api(HEAD => '/api/agents');
is $head->{status}, 200, 'HEAD is answered where GET is';
is $head->{body}, '', 'without a body';
cmp_ok $head->{headers}->header('Content-Length'), '>', 1000, 'whose length it tells';
is api(GET => '/apix')->{status}, 404, 'what only begins like the prefix is not ours';
unlike api(GET => '/apix')->{body}, qr/urn:mspmesh/, 'and answered as httpd answers';
is api(GET => '/api/./agents')->{status}, 200, 'dots are resolved before a path is looked up';
is api(GET => '/api//agents')->{status}, 200, 'and slashes merged';
is_problem api(GET => '/api/agents/../../nope/../api/x'), 404, 'unknown_route',
    'but nothing is reached by climbing';
