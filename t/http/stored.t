# A call is stored before it is answered: its result and its event together.

use strict;
use warnings FATAL => 'all';
use Mesh::Test tests => 26;

my $msp = tenant('Tamwell Networks');
my $key = key_for($msp);
my $predict = '/api/client-health/predict';
my ($client) = psql("select id from mesh.client where msp_id = '$msp' and left_on is null limit 1");
my $trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
my $body = qq({"client_id":"$client"});
my $answer = api(POST => $predict, $body, key => $key, headers => { traceparent => $trace });
my $id = $answer->{json}{result_id};

sub result { psql("select $_[0] from mesh.agent_result where id = '$id'") }
sub event { psql("select $_[0] from mesh.event where data ->> 'result_id' = '$id'") }

# ---- The result

is result('count(*)'), 1, 'the result is there when the answer is';
is result('msp_id'), $msp, 'it is the caller\'s';
is result('client_id'), $client, 'about the client';
is result("agent || '/' || action"), 'client-health/predict', 'from this agent';
is result('outcome'), 'ok', 'as it ended';
is result("encode(input_sha256, 'hex')"), psql("select encode(sha256('$body'), 'hex')"),
    'what was asked is known by its hash';
is result('input_text'), '', 'and not kept';
is result('actor'), 'key:' . substr($key, 4, 12), 'who asked is noted';
like result('traceparent'), qr/^00-4bf92f3577b34da6a3ce929d0e0e4736-/, 'and in which trace';
my %stored = %{ JSON->new->utf8->decode(result('output')) };
delete $_->{meta} for \%stored, $answer->{json};
is json_text(\%stored), json_text($answer->{json}), 'the answer is stored as it was given';

# ---- Its event

is event('count(*)'), 1, 'there is one event of it';
is event('type'), 'client.health.scored', 'of the type the agent declares';
is event('source'), '/mspmesh/client-health', 'from the agent';
is event('subject'), $client, 'about the client';
is event("data ->> 'churn_probability'"), $answer->{json}{churn_probability}, 'with its figures';
is event('xid'), result('xmin::text'), 'both were committed by the same transaction';
my ($shown) = grep { ($_->{data}{result_id} // '') eq $id }
    @{ api(GET => '/api/events?limit=100', undef, key => $key)->{json}{events} };
is_deeply [ @$shown{qw(specversion type source subject)} ],
    [ '1.0', 'client.health.scored', '/mspmesh/client-health', $client ],
        'it is told as a CloudEvent';
like $shown->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'with its time';

# ---- What is not stored

my $before = stored($msp);
for my $prefer ('persist=none', 'respond-async, persist=none', 'foo; bar=1, persist=none') {
    my $what_if = api(POST => $predict, $body, key => $key, prefer => $prefer);
    is $what_if->{status}, 200, "Prefer: $prefer is answered";
}
is stored($msp), $before, 'and nothing is stored';
is api(POST => '/api/keys', { name => 'kept' }, key => $key, prefer => 'persist=none')->{status},
    201,
    'a key is made whatever is preferred';
api(GET => $_, undef, key => $key) for '/api/client-health/clients', '/api/client-health/models',
    "/api/client-health/clients/$client", '/api/agents/status', '/metrics', '/api/events',
        '/api/jobs';
is stored($msp), $before + 1, 'reading stores nothing';

# ---- The same call twice

my @twice = map { api(POST => $predict, $body, key => $key)->{json} } 1, 2;
isnt $twice[0]{result_id}, $twice[1]{result_id}, 'each call has its own result';
delete @$_{qw(meta result_id timestamp)} for @twice;
is json_text($twice[0]), json_text($twice[1]), 'and the same answer';
