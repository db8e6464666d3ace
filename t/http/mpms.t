# Other ways of serving: the same answers, and a word about what cannot work.

use strict;
use warnings FATAL => 'all';
use Mesh::Server ();
use Mesh::Test tests => 23;

my $pg = database();
my $name = "mesh_mpms_$$";
$pg->create($name);
use_database($pg, $name);
psql("update mesh.job set state = 'cancelled', leased_by = null, lease_until = null");
my $msp = northgate();
my $client = psql("select id from mesh.client where msp_id = '$msp' and left_on is null limit 1");

for my $mpm (qw(worker prefork)) {
    my $server = Mesh::Server->start(mpm => $mpm, database => $pg->connection($name));
    use_server($server);
    $server->expect_log('AH10159', 'AH00484', 'AH00161');
    is api(GET => '/healthz', undef, key => 0)->{status}, 200, "$mpm serves";
    ok wait_for { api(GET => '/readyz', undef, key => 0)->{status} == 200 }, 'it is ready';
    is api(GET => '/api/client-health/clients')->{status}, 200, 'it reads';
    is api(POST => '/api/client-health/predict', { client_id => $client })->{json}{client_id},
        $client,
        'it predicts and stores';
    is_problem api(POST => '/api/client-health/predict', { client_id => 3 }), 400, 'wrong_type',
        '/client_id', 'it refuses what is wrong';
    my $made = api(POST => '/api/keys', { name => 'short-lived', role => 'viewer' })->{json};
    api(GET => '/api/agents/status', undef, key => $made->{key}) for 1 .. 5;
    api(DELETE => "/api/keys/$made->{id}");
    my $is_shut = sub { !grep {
        api(GET => '/api/agents/status', undef, key => $made->{key})->{status} == 200 } 1 .. 5 };
    ok wait_for(\&$is_shut, 2), 'a revoked key ends here too';
    my $job = api(POST => '/api/client-health/predict', { client_id => $client },
        prefer => 'respond-async')->{json}{job_id};
    if ($mpm eq 'worker') {
        is wait_job($job)->{state}, 'done', 'it does jobs';
        unlike $server->log_text, qr/MESH1003/, 'nothing is missing';
    }
    else {
        is api(GET => "/api/jobs/$job")->{json}{state}, 'queued', 'jobs wait for another';
        like $server->log_text, qr/MESH1003: server: this MPM has no threads: jobs wait/,
            'as it said when it started';
    }
    my @children = $server->children;
    $server->signal('USR1');
    ok wait_for { !grep { kill 0, $_ } @children }, 'it restarts gracefully';
    is api(GET => '/api/agents/status')->{status}, 200, 'and goes on';
    my ($parent) = $server->pid;
    @children = $server->children;
    $server->stop;
    ok !grep({ kill 0, $_ } $parent, @children), 'it stops with all its children';
}
is psql("select count(*) from pg_stat_activity where datname = '$name' and usename = 'mesh_app'"),
    0,
    'no connection is left';
$pg->drop($name);
