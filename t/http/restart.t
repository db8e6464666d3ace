# Restarting and stopping: nothing is lost, and nothing stays behind.

use strict;
use warnings FATAL => 'all';
use LWP::UserAgent ();
use Mesh::Server ();
use Mesh::Test tests => 20;
use POSIX ();

my $pg = database();
my $name = "mesh_restart_$$";
$pg->create($name);
use_database($pg, $name);
psql("update mesh.job set state = 'cancelled', leased_by = null, lease_until = null");
my $server = Mesh::Server->start(database => $pg->connection($name));
use_server($server);
$server->expect_log('AH10159', 'AH00484');
my $msp = northgate();
my $key = key_for($msp);
my $dir = $server->{dir};
my $status = '/api/agents/status';

sub counted {
    my ($n) = api(GET => '/metrics')->{body}
        =~ /^mspmesh_http_requests_total\{route="\/healthz",method="GET",status="2xx"\} (\d+)$/m;
    return $n // 0;
}
sub are_gone { my %old = map { $_ => 1 } @_; !grep { kill 0, $_ } keys %old }

# ---- Graceful, twice, with three clients that never stop asking

my @pids = map {
    my $n = $_;
    my $pid = fork;
    if (!$pid) {
        my $agent = LWP::UserAgent->new(keep_alive => 0, timeout => 30);
        open my $log, '>', "$dir/client.$n";
        $log->autoflush(1);
        until (-e "$dir/enough") {
            my $got = $agent->get(url($n == 1 ? '/healthz' : $status), 'X-API-Key' => $key);
            print $log $got->code, $got->header('Client-Warning') ? ' cut' : '', "\n";
        }
        POSIX::_exit(0);
    }
    $pid;
} 1 .. 3;
sub lines { map { open my $l, '<', $_; my @l = <$l>; @l } glob "$dir/client.*" }
sub after_more { my $end = lines() + shift; wait_for { lines() >= $end } }
after_more(100);

for my $time (qw(first second)) {
    my @old = $server->children;
    my $before = counted();
    # From here on only who remembers the key takes it.
    api(GET => $status);
    psql("update mesh.api_key set secret_sha256 = sha256('x')
        where 'msk_' || id = left('$key', 16)");
    $server->signal('USR1');
    ok wait_for { are_gone(@old) }, "graceful, the $time time: the old children end";
    ok wait_for { scalar($server->children) == 2 }, 'and as many new ones serve';
    after_more(100);
    cmp_ok counted(), '>=', $before, 'what was counted is kept';
    ok wait_for { api(GET => $status)->{status} == 200 }, 'and who was verified';
    my $secret = substr $key, 17;
    psql("update mesh.api_key set secret_sha256 = sha256('$secret')
        where 'msk_' || id = left('$key', 16)");
}
after_more(100);
open my $enough, '>', "$dir/enough";
waitpid $_, 0 for @pids;
my %answers;
$answers{$_}++ for lines();
diag(join ', ', map { chomp(my $a = $_); "$a: $answers{$_}" } sort keys %answers);
is_deeply [ keys %answers ], ["200\n"], 'not one request was lost';

# ---- At once

my @old = $server->children;
my @backends
    = psql("select pid from pg_stat_activity where datname = '$name' and usename = 'mesh_app'");
$server->signal('HUP');
ok wait_for(sub { are_gone(@old) }, 5), 'at a restart the old children end within five seconds';
ok wait_for { scalar($server->children) == 2 }, 'and new ones come';
ok wait_for { api(GET => '/readyz', undef, key => 0)->{status} == 200 }, 'they are ready';
ok wait_for { 0 == psql("select count(*) from pg_stat_activity where pid in ("
    . join(',', @backends) . ')') }, 'no connection of the old is left';

# ---- Stopped while a job is worked on: it goes back into the queue

my @rows = map { my $i = $_; +{ y => ($i * 7919 % 1000) > 500 ? 1 : 0,
    map { ("f$_" => ($i * (17 + $_) % 1009) / 10) } 1 .. 20 } } 1 .. 12_000;
my $job = api(POST => '/api/client-health/train', { model => 'long', target => 'y',
    rows => \@rows })
    ->{json}{job_id};
ok wait_for { psql("select state from mesh.job where id = '$job'") eq 'running' },
    'a long job runs';
@old = $server->children;
my $parent = $server->pid;
cmp_ok $server->stop, '<', 15, 'told to end, the server ends by itself';
ok are_gone(@old, $parent), 'with all its children';
is psql("select state || ' ' || receives from mesh.job where id = '$job'"), 'queued 0',
    'the job goes back as if nobody had taken it';
is psql("select count(*) from pg_stat_activity where datname = '$name' and usename = 'mesh_app'"),
    0,
    'no connection stays';
unlike $server->log_text, qr/AH00045|AH00046|exit signal/, 'nobody had to be killed';

# The next server finishes it.
$server->up;
is wait_job($job)->{state}, 'done', 'and the next server does it';
$server->stop;
$pg->drop($name);
