# A client's own people see their company, and no other of the same provider.

use strict;
use warnings FATAL => 'all';
use Mesh::Test tests => 22;

my $msp = northgate();
my ($client, $other) = psql("select id from mesh.client where msp_id = '$msp' and left_on is null
    order by name limit 2");
my $key = key_for($msp, role => 'client-viewer', client_id => $client);

# Something of each to be seen, and a batch about both.
api(POST => '/api/client-health/predict', { client_id => $_ }) for $client, $other;
my $batch = api(POST => '/api/client-health/predict',
    { items => [ { client_id => $other }, { client_id => $client } ] })->{json}{result_id};

my $list = api(GET => '/api/client-health/clients?limit=1000', undef, key => $key)->{json};
is_deeply [ map { $_->{client_id} } @{ $list->{clients} } ], [$client], 'the list has one client';
is $list->{total}, 1, 'and counts one';
is $list->{summary}{clients}, 1, 'its summary is of one';
is $list->{summary}{monthly_revenue}, $list->{clients}[0]{monthly_revenue}, 'with its own revenue';
my $found = api(GET => '/api/client-health/clients?q=a&sort=-name', undef, key => $key)->{json};
is scalar(grep { $_->{client_id} ne $client } @{ $found->{clients} }), 0,
    'searching finds no other';
is api(GET => "/api/client-health/clients/$client", undef, key => $key)->{status}, 200,
    'the own is shown';
is_problem api(GET => "/api/client-health/clients/$other", undef, key => $key), 404,
    'unknown_client', '/client_id', 'the other is not known';

my $events = api(GET => '/api/events?limit=1000', undef, key => $key)->{json}{events};
ok scalar(@$events), 'events are shown';
is scalar(grep { ($_->{client_id} // '') ne $client } @$events), 0, 'all of the own client';
my $replay = api(GET => '/api/events?limit=1000&after=0-00000000-0000-0000-0000-000000000000',
    undef,
    key => $key)->{json}{events};
is scalar(grep { ($_->{client_id} // '') ne $client } @$replay), 0, 'those of a replay too';
is scalar(grep { ($_->{data}{result_id} // '') eq $batch } @$events, @$replay), 0,
    'what was asked of both is not told to one';
is psql("select count(*) from mesh.agent_result where id = '$batch' and client_id is null"), 1,
    'for it is about no one client';

is_deeply api(GET => '/api/jobs', undef, key => $key)->{json}, { jobs => [], total => 0 },
    'others\' jobs are not there';
is api(GET => '/api/agents/status', undef, key => $key)->{json}{agents}{client_health}{runs_today},
    psql("select count(*) from mesh.agent_result where client_id = '$client'
          and created_at >= now() - interval '1 day'"), 'what others asked is not counted';

for my $closed ([ POST => '/api/client-health/predict', { client_id => $client } ],
    [ POST => '/api/client-health/train', { from => 'history' } ], [ GET => '/api/users' ],
    [ GET => '/api/keys' ], [ POST => '/api/keys', { name => 'x' } ])
{
    my ($method, $path, $body) = @$closed;
    is_problem api($method => $path, $body, key => $key), 403, 'wrong_scope',
        "$method $path is closed";
}

# Somebody who signs in is bound in the same way.
my $email = "viewer$$\@client.example";
is api(POST => '/api/users', { email => $email, name => 'V', role => 'client-viewer',
    client_id => $client, password => 'correct horse battery' })->{status}, 201,
        'a person is added';
my $cookie = sign_in($email, 'correct horse battery');
my $seen = api(GET => '/api/client-health/clients?limit=1000', undef, key => 0,
    headers => { Cookie => $cookie })->{json};
is_deeply [ map { $_->{client_id} } @{ $seen->{clients} } ], [$client],
    'who signs in for a client sees that one';
is api(GET => "/api/client-health/clients/$other", undef, key => 0,
    headers => { Cookie => $cookie })->{status}, 404, 'and no other';
