# What a call used is given back: children do not grow.

use strict;
use warnings FATAL => 'all';
use Mesh::Server ();
use Mesh::Test tests => 3;
use Mesh::Wire ();
use POSIX ();

my $calls = 20_000;
my $clients = 4;
my $most = 3 * 1024;    # KiB, for each child

SKIP: {
    skip 'AddressSanitizer keeps what is freed, to recognise it', 3 if ($ENV{HTTPD}
        // '') =~ /asan/;

    my $server = Mesh::Server->start;
    use_server($server);
    $server->expect_log('AH10159', 'AH00484');
    my $msp = northgate();
    my $key = key_for($msp);
    my @stored = psql("select id from mesh.client where msp_id = '$msp'
        and left_on is null limit 3");

    # What is asked, over and over: method, path, body.
    my @mix = (
        (map { [ POST => '/api/client-health/predict', { client_id => $_ } ] } @stored),
        (map { [ POST => '/api/client-health/predict', { client_id => 'x', ticket_volume => $_,
            resolution_time => 5, satisfaction_score => 8 } ] } 1 .. 4),
        [ POST => '/api/client-health/predict', { model => 'clients', rows => [ map {
            { tickets_30d => $_, colour => 'red' } } 1 .. 20 ] } ],
        [ POST => '/api/client-health/predict', { items => [ { client_id => $stored[0] },
            { client_id => 'nobody' } ] } ],
        [ POST => '/api/client-health/predict', '{"client_id":"x","client_id":"y"}' ],
        [ POST => '/api/client-health/predict', '[[[[' ],
        [ POST => '/api/client-health/train', { model => 'm', target => 'y', csv => "a,y\n1\n" } ],
        [ GET => '/api/client-health/clients?limit=5' ], [ GET => '/api/client-health/models' ],
        [ GET => '/api/events?limit=20' ], [ GET => '/api/agents' ], [ GET => '/api/nope%2f' ],
        [ GET => '/api/session' ], [ GET => '/healthz' ], [ GET => '/metrics' ], [ GET => '/' ],
    );
    my @requests = map {
        my ($method, $path, $body) = @$_;
        $body = !defined $body ? '' : ref $body ? json_text($body) : $body;
        "$method $path HTTP/1.1\r\nHost: x\r\nX-API-Key: $key\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    } @mix;

    sub resident {
        my ($server) = @_;
        return { map { my $pid = $_; open my $f, '<', "/proc/$pid/status" or die $!;
            ($pid => (map { /^VmRSS:\s+(\d+)/ } <$f>)[0]) } $server->children };
    }

    # All of them in turn; returns how many were answered.
    my $ask = sub {
        my ($n) = @_;
        my @pids = map {
            my $own = $_;
            my $pid = fork;
            if (!$pid) {
                my $wire;
                for my $i (1 .. $n / $clients) {
                    # A new connection now and then, so that every child has its share.
                    $wire = Mesh::Wire->new($server->hostport) if !$wire || $i % 50 == 0;
                    $wire->send($requests[ ($i * $clients + $own) % @requests ]);
                    my $answer = $wire->answer or POSIX::_exit(1);
                    undef $wire if ($answer->{headers}->header('Connection') // '') eq 'close';
                }
                POSIX::_exit(0);
            }
            $pid;
        } 1 .. $clients;
        return scalar grep { waitpid($_, 0); $? == 0 } @pids;
    };
    is $ask->(6000), $clients, 'the server is warm';
    my $before = resident($server);
    is $ask->($calls), $clients, "$calls calls are answered";
    my $after = resident($server);
    my %growth = map { $_ => $after->{$_} - ($before->{$_} // 0) } keys %$after;
    diag('KiB: ' . join ', ',
        map { "$before->{$_} -> $after->{$_}" } grep { $before->{$_} } keys %$after);
    is_deeply [ grep { $_ > $most } values %growth ], [], 'no child has grown by more than 3 MiB';
    $server->stop;
}
