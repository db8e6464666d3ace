# Health, readiness, the catalogue and measures.

use strict;
use warnings FATAL => 'all';
use Mesh::Test tests => 17;

my $alive = api(GET => '/healthz', undef, key => 0);
is_deeply $alive->{json}, { status => 'ok' }, 'the process says that it lives, to anybody';

my $ready = api(GET => '/readyz', undef, key => 0)->{json};
is $ready->{status}, 'ready', 'the server is ready';
is_deeply [ grep { !$ready->{checks}{$_}{ok} } sort keys %{ $ready->{checks} } ], [],
    'database, migrations, connections and queue are well';
is api(GET => '/api/health', undef, key => 0)->{json}{status}, 'healthy',
    'health answers as the prototypes did';
is api(GET => '/health/database')->{json}{status}, 'healthy', 'the database is asked, not assumed';

my $root = api(GET => '/', undef, key => 0, headers => { Accept => 'application/json' });
is $root->{json}{endpoints}{agents}, '/api/agents/status', 'the root tells programs where to go';
like api(GET => '/', undef, key => 0)->{body}, qr/<!doctype html>/i, 'and people get the page';

my $catalogue = api(GET => '/api/agents');
my ($health) = grep { $_->{name} eq 'client-health' } @{ $catalogue->{json}{agents} };
is $health->{key}, 'client_health', 'the catalogue has the agent under its old key';
is $catalogue->{json}{total}, scalar @{ $catalogue->{json}{agents} }, 'and counts its agents';
my ($predict) = grep { $_->{name} eq 'predict' } @{ $health->{actions} };
is $predict->{path}, '/api/client-health/predict', 'an action says where it answers';
my $etag = $catalogue->{headers}->header('ETag');
is api(GET => '/api/agents', undef, headers => { 'If-None-Match' => $etag })->{status}, 304,
    'what has not changed is not sent again';

my $status = api(GET => '/agents/status')->{json};
is $status->{total_agents}, 1, 'the status counts the agents';
ok $status->{agents}{client_health}{model_loaded}, 'and knows that a model is there';

my $metrics = api(GET => '/metrics');
like $metrics->{body},
    qr/^mspmesh_http_requests_total\{route="\/healthz",method="GET",status="2xx"\} \d+$/m,
    'requests are counted by route';
unlike $metrics->{body}, qr/northgate/i, 'no name of a tenant is among the measures';
my $json = api(GET => '/metrics', undef, headers => { Accept => 'application/json' })->{json};
cmp_ok $json->{system_metrics}{total_requests}, '>=', $json->{system_metrics}{successful_requests},
    'no more requests succeed than there were';
is api(GET => '/metrics', undef, key => 0)->{status}, 401, 'measures need a key';
