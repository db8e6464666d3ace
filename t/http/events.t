# Events are read in the order of commits: each once, however many write.

use strict;
use warnings FATAL => 'all';
use DBI ();
use Mesh::Test tests => 13;
use POSIX ();
use Time::HiRes qw(time);

my $msp = tenant('Saltmere Systems');
my $key = key_for($msp);
my $start = '0-00000000-0000-0000-0000-000000000000';
my $pg = database();
my @dsn = ("dbi:Pg:host=$pg->{socket};dbname=$ENV{MESH_DATABASE_NAME}", 'postgres', '',
    { RaiseError => 1, AutoCommit => 0, AutoInactiveDestroy => 1, PrintError => 0 });

sub page { api(GET => "/api/events?limit=$_[1]&after=$_[0]", undef, key => $key)->{json} }
sub insert_event {
    my ($db, $type) = @_;
    return $db->selectrow_array("insert into mesh.event (id, msp_id, type, source, data) values
        (gen_random_uuid(), '$msp', '$type', '/test', '{}') returning id");
}

# ---- Read while four write, in transactions that overlap

my $type = "test.race$$";
my @writers = map {
    my $pid = fork;
    if (!$pid) {
        my $db = DBI->connect(@dsn);
        for my $n (1 .. 60) {
            insert_event($db, $type) for 0 .. $n % 3;
            select undef, undef, undef, 0.001 * ($n % 7);
            $n % 10 ? $db->commit : $db->rollback;
        }
        $db->disconnect;
        POSIX::_exit(0);
    }
    $pid;
} 1 .. 4;
my ($cursor, @seen) = ($start);
my $is_running = 1;
my $pages = 0;
while (1) {
    my $page = page($cursor, 7);
    push @seen, grep { $_->{type} eq $type } @{ $page->{events} };
    $cursor = $page->{next_cursor};
    $pages++;
    next if @{ $page->{events} };
    last unless $is_running;
    $is_running = grep { waitpid($_, POSIX::WNOHANG()) == 0 } @writers;
}
my @committed = psql("select id from mesh.event where type = '$type' order by xid, id");
cmp_ok scalar(@committed), '>', 300, 'hundreds were committed';
my %times;
$times{ $_->{id} }++ for @seen;
is scalar(grep { $_ != 1 } values %times), 0, 'no event is seen twice';
is scalar(keys %times), scalar(@committed), 'and none is missed';
is join(' ', map { $_->{id} } @seen), join(' ', @committed),
    'they come in the order of their cursors';
is page($cursor, 10)->{next_cursor}, $cursor, 'at the end the cursor stays';
my $of_type = api(GET => "/api/events?limit=1000&after=$start&type=$type", undef,
    key => $key)->{json};
is scalar(@{ $of_type->{events} }), scalar(@committed), 'a type can be asked for alone';

# ---- A look, and on from there

my $slow = DBI->connect(@dsn);
my $late = insert_event($slow, "$type.late");    # began first, commits last
my $quick = DBI->connect(@dsn);
my $early = insert_event($quick, "$type.early");
$quick->commit;
my $look = api(GET => '/api/events?limit=5', undef, key => $key)->{json};
is $look->{events}[0]{id}, $early, 'a look shows the newest';
$slow->commit;
my @after = map { $_->{id} } @{ page($look->{next_cursor}, 100)->{events} };
ok scalar(grep { $_ eq $late } @after), 'who goes on from there misses none that committed late';
my $newest = api(GET => '/api/events?limit=5', undef, key => $key)->{json};
is_deeply page($newest->{next_cursor}, 10)->{events}, [],
    'and sees nothing twice when all is quiet';
$_->disconnect for $slow, $quick;

# ---- Told to who listens

my $listener = DBI->connect(@dsn[0 .. 2], { RaiseError => 1, AutoCommit => 1,
    AutoInactiveDestroy => 1 });
$listener->do('listen mesh');
1 while $listener->pg_notifies;
my $client = psql("select id from mesh.client where msp_id = '$msp' and left_on is null limit 1");
is api(POST => '/api/client-health/predict', { client_id => $client }, key => $key)->{status}, 200,
    'a call is answered';
my $note = wait_for { $listener->pg_notifies };
is_deeply [ @$note[0, 2] ], [ 'mesh', '' ], 'and announced, without a word of what it was';
my $told = 1;
my $calls = 100;
api(POST => '/api/client-health/predict', { client_id => $client }, key => $key) for 1 .. $calls;
wait_for { $told++ while $listener->pg_notifies; $told > 1 };
cmp_ok $told, '<=', $calls + 2, 'many calls need no more announcements than there are';
$listener->disconnect;
is psql("select count(*) from mesh.event where msp_id = '$msp' and type = 'client.health.scored'"),
    $calls + 1, 'though each has its event';
