# Every answer that was given was stored, once and whole, whatever was killed.

use strict;
use warnings FATAL => 'all';
use File::Temp ();
use LWP::UserAgent ();
use Mesh::Database ();
use Mesh::Server ();
use Mesh::Test tests => 14;
use POSIX ();

my $clients = 4;
my $enough = 500;    # answers, for each

my $dir = File::Temp::tempdir('mspmesh-ledger-XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
my $pg = Mesh::Database->start($dir);
my ($msp, $client) = $pg->make_small('small');
use_database($pg, 'small');
my $key = key_for($msp);
my $server = Mesh::Server->start(database => $pg->connection('small'));
use_server($server);
$server->expect_log('dbd', 'AH00629', 'AH00632', 'exit signal Killed', 'AH10159', 'AH00484');
wait_for { api(GET => '/readyz', undef, key => 0)->{status} == 200 };

# One client: calls until it has had enough answers and it is told to stop.
# A line a call: what it asked, the status (0: none), id or code, Retry-After.
sub keep_ledger {
    my ($n) = @_;
    open my $ledger, '>', "$dir/ledger.$n" or die $!;
    $ledger->autoflush(1);
    my $agent = LWP::UserAgent->new(keep_alive => 1, timeout => 30);
    my @headers = ('X-API-Key' => $key, 'Content-Type' => 'application/json');
    my $body = json_text({ client_id => $client });
    my $answered = 0;
    until ($answered >= $enough && -e "$dir/stop") {
        my $writes = $answered % 5 != 4;
        my $got = $writes ? $agent->post(url('/api/client-health/predict'), @headers,
            Content => $body)
            : $agent->get(url('/api/client-health/clients'), @headers);
        my $is_cut = $got->header('Client-Warning');
        my $json = $is_cut ? {} : eval { JSON::decode_json($got->content) } // {};
        my $problem = ($got->header('Content-Type') // '') eq 'application/problem+json';
        print $ledger join("\t", $writes ? 'write' : 'read', $is_cut ? 0 : $got->code,
            $json->{result_id} // $json->{code} // '-', $got->header('Retry-After') // '-',
            $problem ? 1 : 0), "\n";
        $answered++ unless $is_cut;
    }
    POSIX::_exit(0);
}
my @pids = map { my $n = $_; my $pid = fork; keep_ledger($n) if !$pid; $pid } 1 .. $clients;

sub lines { my $n = 0; for (glob "$dir/ledger.*") { open my $l, '<',
    $_; $n++ while <$l> } return $n }
sub after_more { my $end = lines() + shift; wait_for { lines() >= $end } 120 }
# A client that lost its child comes back on another connection.
my @killed;
for (1, 2) {
    after_more(150);
    my ($child) = $server->children;
    push @killed, kill('KILL', $child);
    wait_for { scalar($server->children) == 2 && !grep { $_ == $child } $server->children };
}
is "@killed", '1 1', 'two children are killed in the middle of it';
for my $how (qw(fast immediate fast)) {
    after_more(150);
    $pg->restart($how);
    is api(GET => '/api/client-health/clients', undef, key => $key)->{status}, 200,
        "PostgreSQL is restarted ($how), and the next read is answered";
}
after_more(150);
open my $stop, '>', "$dir/stop" or die $!;
waitpid $_, 0 for @pids;

# ---- The ledgers and the books

my (%ids, %count, @odd);
for my $file (glob "$dir/ledger.*") {
    open my $ledger, '<', $file or die $!;
    while (<$ledger>) {
        chomp;
        my ($what, $status, $id, $retry, $is_problem) = split /\t/;
        $count{"$what $status"}++;
        $ids{$id}++ if $what eq 'write' && $status == 200;
        push @odd, $_ if $status && $status != 200 && !($status == 503 && $retry > 0
            && $is_problem);
    }
}
diag(join ', ', map { "$_: $count{$_}" } sort keys %count);
my $answered = 0;
$answered += $count{$_} for grep { !/ 0$/ } keys %count;
cmp_ok $answered, '>=', $clients * $enough, 'the clients had their two thousand answers';
is_deeply \@odd, [], 'whatever was not answered well is a 503 problem that says when to come again';
is scalar(grep { $_ != 1 } values %ids), 0, 'no two answers have the same result';
is scalar(keys %ids), $count{'write 200'}, 'each has one';

psql("create table public.told (id uuid primary key);
    insert into public.told values " . join ',', map { "('$_')" } keys %ids);
my @books = (
    [ 'every answer is stored', 'select count(*) from told where id not in
        (select id from mesh.agent_result)', 0 ],
    [ 'and is an event', "select count(*) from told where id not in
        (select (data ->> 'result_id')::uuid from mesh.event)", 0 ],
    [ 'no result is without its event', "select count(*) from mesh.agent_result where id not in
        (select (data ->> 'result_id')::uuid from mesh.event)", 0 ],
    [ 'no event without its result', "select count(*) from mesh.event where
        (data ->> 'result_id')::uuid not in (select id from mesh.agent_result)", 0 ],
    [ 'and none is told twice', "select count(*) - count(distinct data ->> 'result_id')
        from mesh.event", 0 ],
);
is psql($_->[1] =~ s/\btold\b/public.told/r), $_->[2], $_->[0] for @books;
my $untold = psql('select count(*) from mesh.agent_result
    where id not in (select id from public.told)');
cmp_ok $untold, '<=', ($count{'write 0'} // 0) + ($count{'write 503'} // 0),
    'what was stored without an answer is no more than calls that had none';
$server->stop;
$pg->down('immediate');
