# A job whose worker dies is done by another, and stored once.

use strict;
use warnings FATAL => 'all';
use DBI ();
use Mesh::Server ();
use Mesh::Test tests => 17;

# A database and a server of its own: its children are going to be killed.
my $pg = database();
my $name = "mesh_lease_$$";
$pg->create($name);
my $server = Mesh::Server->start(database => $pg->connection($name));
use_database($pg, $name);
use_server($server);
# What the demo left to do is not in the way.
psql("update mesh.job set state = 'cancelled', leased_by = null, lease_until = null");

my $msp = northgate();
my ($client) = psql("select id from mesh.client where msp_id = '$msp' and left_on is null limit 1");
sub row { my ($id, $what) = @_; psql("select $what from mesh.job where id = '$id'") }
sub results { psql("select count(*) from mesh.agent_result where input_sha256 is not null
    and actor like 'key:%' and action = 'predict'") }
sub events { psql("select count(*) from mesh.event where type = 'client.health.scored'") }

# Storing waits for this lock, so that a worker can be caught in the middle.
my $held = DBI->connect("dbi:Pg:host=$pg->{socket};dbname=$name", 'postgres', '',
    { RaiseError => 1, AutoCommit => 0, AutoInactiveDestroy => 1 });
my %args = (client_id => $client);

sub caught {
    my $id = api(POST => '/api/client-health/predict', \%args,
        prefer => 'respond-async')->{json}{job_id};
    wait_for { row($id, 'state') eq 'running' };
    # It holds the lease, and waits to store what it found out.
    wait_for { psql("select count(*) from pg_locks l join pg_stat_activity a using (pid)
        where not l.granted and a.datname = '$name'") > 0 };
    my ($pid, $thread) = row($id, 'leased_by') =~ m{/(\d+)/(\d+)$};
    return ($id, $pid);
}

$held->do('lock mesh.agent_result in exclusive mode');
my ($id, $pid) = caught();
ok scalar(grep { $_ == $pid } $server->children), 'the lease names the child that works';
my $left = row($id, 'extract(epoch from lease_until - clock_timestamp())');
ok $left > 0 && $left <= 300, 'for as long as a lease lasts';
kill 'KILL', $pid;
$server->expect_log('exit signal Killed');
ok wait_for { !grep { $_ == $pid } $server->children }, 'the child is killed';
is row($id, 'state'), 'running', 'nobody else takes the job while the lease runs';
$held->rollback;
ok wait_for { psql("select count(*) from pg_stat_activity where datname = '$name'
    and backend_xid is not null") == 0 }, 'what the dead one had begun is rolled back';
is results() . '/' . events(), '0/0', 'nothing of it is stored';
psql("update mesh.job set lease_until = clock_timestamp() - interval '1 second' where id = '$id'");
ok wait_for { row($id, 'state') eq 'done' }, 'when the lease has run out another does it';
is row($id, 'receives'), 2, 'as its second try';
is results() . '/' . events(), '1/1', 'and stores it once, with its event';
ok wait_for { scalar($server->children) == 2 }, 'the child is replaced';

# Somebody whose lease was taken away, but who lives on, stores nothing.
$held->do('lock mesh.agent_result in exclusive mode');
($id) = caught();
psql("update mesh.job set leased_by = 'somebody/else/0' where id = '$id'");
$held->rollback;
ok wait_for { index($server->log_text, "job($id): retry: lease_lost") >= 0 },
    'who lost the lease is told';
is results() . '/' . events(), '1/1', 'and stores nothing';
is row($id, 'leased_by'), 'somebody/else/0', 'nor takes it back';

# Cancelled while it is worked on: nothing is stored either.
$held->do('lock mesh.agent_result in exclusive mode');
($id) = caught();
is api(DELETE => "/api/jobs/$id")->{json}{state}, 'cancelled', 'a running job can be cancelled';
$held->rollback;
ok wait_for { index($server->log_text, "job($id): retry: lease_lost") >= 0 }, 'its worker is told';
is results() . '/' . events(), '1/1', 'and it leaves nothing';

# A job whose workers always die is given up after three.
psql("insert into mesh.job (id, msp_id, agent, action, input, actor, role, state,
    receives, leased_by, lease_until) values ('00000000-0000-7000-8000-00000000dead',
    '$msp', 'client-health', 'predict',
    '{}', 'test', 'service', 'running', 3, 'x', now() - interval '1 second')");
ok wait_for { row('00000000-0000-7000-8000-00000000dead', 'state') eq 'dead' },
    'a job that killed three workers is dead';
$server->stop;
$held->disconnect;
