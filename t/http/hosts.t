# Virtual hosts: what they inherit, what they change, and who answers nothing.

use strict;
use warnings FATAL => 'all';
use Mesh::Server ();
use Mesh::Test;

my $server = Mesh::Server->start(config => <<'CONF');
MspMeshBodyLimit 2K
MspMeshAgent client-health min-leavers 7
<VirtualHost *:*>
    ServerName main.example
</VirtualHost>
<VirtualHost *:*>
    ServerName other.example
    MspMeshPrefix /mesh/v1
    MspMeshBodyLimit 4K
    MspMeshSessionLifetime 1h
    MspMeshAgent client-health min-leavers 9
</VirtualHost>
<VirtualHost *:*>
    ServerName silent.example
    MspMesh Off
</VirtualHost>
CONF
use_server($server);
plan_tests 29;

my $key = key_for(northgate());
sub at { my ($host, $method, $path, $body, %more) = @_;
    api($method => $path, $body, key => $key, headers => { Host => $host, %more }) }
sub setting {
    my ($health) = grep { $_->{name} eq 'client-health' } @{ $_[0]{agents} };
    my ($least) = grep { $_->{name} eq 'min-leavers' } @{ $health->{settings} };
    return ($least->{value}, $health->{actions}[0]{path});
}

is at('main.example', GET => '/api/agents/status')->{status}, 200, 'a host has what the server has';
is_deeply [ setting(at('main.example', GET => '/api/agents')->{json}) ],
    [ 7, '/api/client-health/predict' ], 'its settings and its prefix';
is_deeply [ setting(at('other.example', GET => '/mesh/v1/agents')->{json}) ],
    [ 9, '/mesh/v1/client-health/predict' ], 'another host has its own';
is at('other.example', GET => '/api/agents')->{status}, 404, 'under which alone it answers';
unlike at('other.example', GET => '/api/agents')->{body}, qr/urn:mspmesh/,
    'the other is not its path';
is at('other.example', GET => '/agents/status')->{status}, 200, 'the prototypes\' paths stay';
is at('other.example', POST => '/client-health', { client_id => 'x' })->{status}, 404,
    'agents answer without a prefix';
is at('other.example', GET => '/mesh/v1')->{json}{code}, 'unknown_route',
    'the prefix alone is ours';
is at('other.example', GET => '/mesh')->{json}, undef, 'half a prefix is not';
my $root = at('other.example', GET => '/', undef, Accept => 'application/json')->{json};
is $root->{endpoints}{client_health}, '/mesh/v1/client-health', 'programs are told the right paths';
my $described = at('other.example', GET => '/mesh/v1/openapi.json');
is $described->{json}{servers}[0]{url}, '/mesh/v1', 'so does the description';
unlike $described->{body}, qr{"/api/}, 'which names no other';

my %body = (client_id => 'x' x 3000);
is at('main.example', POST => '/api/client-health/predict', \%body)->{status}, 413,
    '3,000 letters are too many for one host';
is at('other.example', POST => '/mesh/v1/client-health/predict', \%body)->{json}{code}, 'too_long',
    'and read by the other';

my $answer = at('other.example', POST => '/mesh/v1/client-health/train', { from => 'history' });
like $answer->{headers}->header('Location'), qr{^/mesh/v1/jobs/}, 'a job is found under the prefix';

for my $path (qw(/api/agents /healthz /readyz /health /openapi.json /metrics /client-health
    /agents/status /api /mesh/v1/agents)) {
    is at('silent.example', GET => $path)->{status}, 404, "who is silent does not answer $path";
}
is at('silent.example', GET => '/')->{status}, 200, 'but has pages';
is at('silent.example', GET => '/', undef, Accept => 'application/json')->{json}, undef,
    'for programs too';

# Off for the whole server: not a thread, not a connection.
$server->stop;
my $off = Mesh::Server->start(config => "MspMesh Off\n");
use_server($off);
is api(GET => '/healthz', undef, key => 0)->{status}, 404,
    'a server without the mesh answers nothing';
is api(GET => '/index.html', undef, key => 0)->{status}, 200, 'and serves its pages';
$off->stop;
