# A server whose database is away, comes, and goes again.

use strict;
use warnings FATAL => 'all';
use DBI ();
use File::Temp ();
use Mesh::Database ();
use Mesh::Server ();
use Mesh::Test tests => 31;

my $dir = File::Temp::tempdir('mspmesh-down-XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
my $pg = Mesh::Database->start($dir);
my ($msp, $client) = $pg->make_small('small');
use_database($pg, 'small');
my $key = key_for($msp);
$pg->down;

# ---- Down at start

my $server = Mesh::Server->start(database => $pg->connection('small'));
use_server($server);
# mod_dbd's own complaints, and ours once.
$server->expect_log('dbd', 'AH00629', 'AH00632');

is_deeply api(GET => '/healthz', undef, key => 0)->{json}, { status => 'ok' },
    'a server without its database lives';
my $not_ready = api(GET => '/readyz', undef, key => 0);
is_problem $not_ready, 503, 'not_ready', 'but is not ready, and says so';
ok $not_ready->{headers}->header('Retry-After'), 'and when to ask again';
unlike $not_ready->{body}, qr/host=|dbname|\Q$dir\E/, 'without a word of where the database is';
is api(GET => '/', undef, key => 0)->{status}, 200, 'pages are served';
is api(GET => '/openapi.json', undef, key => 0)->{status}, 200, 'and what needs no database';
is_problem api(GET => '/api/client-health/clients', undef, key => $key), 503,
    'database_unavailable',
    'nobody can be known';
is_problem api(POST => '/api/session', { email => 'a@b', password => 'x' }, key => 0), 503,
    'database_unavailable', 'or sign in';
is_problem api(GET => '/api/nope', undef, key => $key), 404, 'unknown_route',
    'what is wrong without asking is told as ever';
ok wait_for { $server->log_text =~ /MESH2002/ }, 'the log says that there is no database';

# ---- Up

$pg->up;
ok wait_for { api(GET => '/readyz', undef, key => 0)->{status} == 200 }, 'it heals by itself';
is api(GET => '/api/client-health/clients', undef, key => $key)->{status}, 200, 'and serves';
ok wait_for { 2 == (() = $server->log_text =~ /MESH2001/g) }, 'each child says that it is back';

# ---- Restarted, while connections lie in the pool

for my $how (qw(fast immediate)) {
    api(GET => '/api/client-health/clients', undef, key => $key) for 1 .. 20;
    $pg->restart($how);
    my @reads = map { api(GET => '/api/client-health/clients', undef,
        key => $key)->{status} } 1 .. 20;
    is "@reads", join(' ', (200) x 20), "after a restart ($how) no read fails";
    is api(POST => '/api/client-health/predict', { client_id => $client }, key => $key)->{status},
        200,
        'and writes go on';
}
my $before = $pg->value('small', "select count(*) from pg_stat_activity where datname = 'small'");
$pg->run('small', "select pg_terminate_backend(pid) from pg_stat_activity
    where datname = 'small' and pid <> pg_backend_pid()");
my @reads = map { api(GET => '/api/client-health/clients', undef, key => $key)->{status} } 1 .. 20;
is "@reads", join(' ', (200) x 20), 'nor after all backends were ended';

# ---- A transaction that breaks does not live on

my $count = sub { psql('select count(*) from mesh.agent_result') . '/'
    . psql('select count(*) from mesh.event') };
my $stored = $count->();
psql("create function mesh.broken() returns trigger language plpgsql as
    \$\$ begin raise exception 'broken'; end \$\$;
    create trigger broken before insert on mesh.event for each row execute function mesh.broken();
    grant execute on function mesh.broken() to mesh_app");
$server->expect_log('MESH1101');
for (1 .. 20) {
    my $failed = api(POST => '/api/client-health/predict', { client_id => $client }, key => $key);
    next if $_ > 1;
    is_problem $failed, 500, 'database_error', 'a statement that breaks is a problem';
    unlike $failed->{body}, qr/broken/, 'whose words stay in the log';
}
is $count->(), $stored, 'of a result whose event cannot be stored nothing is kept';
is psql("select count(*) from pg_stat_activity where datname = 'small' and state like 'idle in%'"),
    0,
    'no transaction is left open';
psql('drop trigger broken on mesh.event');
@reads = map { api(POST => '/api/client-health/predict', { client_id => $client },
    key => $key)->{status} }
    1 .. 20;
is "@reads", join(' ', (200) x 20), 'every connection works on';
my ($results, $events) = split m{/}, $count->();
my ($results_before, $events_before) = split m{/}, $stored;
is "@{[$results - $results_before]} @{[$events - $events_before]}", '20 20', 'and stores each once';
is psql("select count(*) from mesh.event where traceparent is null"), 0, 'with its trace';

# ---- All connections taken

$server->stop;
$server = Mesh::Server->start(database => $pg->connection('small'), config => <<CONF);
DBDMax 2
DBDKeep 2
MspMeshPoolWait 1s
MspMeshWorkers 0
ServerLimit 1
StartServers 1
MaxRequestWorkers 25
MinSpareThreads 1
MaxSpareThreads 25
CONF
use_server($server);
ok wait_for { api(GET => '/readyz', undef, key => 0)->{status} == 200 }, 'a small server is ready';
api(GET => '/api/client-health/clients', undef, key => $key);
my $lock = DBI->connect("dbi:Pg:host=$pg->{socket};dbname=small", 'postgres', '',
    { RaiseError => 1, AutoCommit => 0, AutoInactiveDestroy => 1 });
$lock->do('lock mesh.agent_result in exclusive mode');
my @waiting = map {
    my $wire = wire();
    my $body = json_text({ client_id => $client });
    $wire->send("POST /api/client-health/predict HTTP/1.1\r\nHost: x\r\nX-API-Key: $key\r\n"
        . "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
    $wire
} 1 .. 2;
wait_for { psql("select count(*) from pg_stat_activity where datname = 'small'
    and wait_event_type = 'Lock'") == 2 };
my $busy = api(GET => '/api/client-health/clients', undef, key => $key);
is_problem $busy, 503, 'database_busy', 'when all connections are taken, a call is told so';
ok $busy->{headers}->header('Retry-After'), 'and to come again';
is api(GET => '/healthz', undef, key => 0)->{status}, 200, 'who needs none is served';
$lock->rollback;
is_deeply [ map { $_->answer->{status} } @waiting ], [ 200, 200 ], 'those that waited are served';
is api(GET => '/api/client-health/clients', undef, key => $key)->{status}, 200,
    'and so is the next';
$lock->disconnect;
$server->stop;
$pg->down('immediate');
