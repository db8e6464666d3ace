# What httpd itself refuses is a problem too, where it is our path.

use strict;
use warnings FATAL => 'all';
use Mesh::Server ();
use Mesh::Test;

# Whoever is slow is told so after a second, not after twenty.
my $server = Mesh::Server->start(config => <<CONF);
RequestReadTimeout header=1 body=1
LimitRequestLine 2000
LimitRequestFieldSize 1000
LimitRequestFields 20
CONF
use_server($server);
my $key = key_for(northgate());
my $predict = '/api/client-health/predict';
my $from = "Host: x\r\nX-API-Key: $key\r\nContent-Type: application/json\r\n";

# What, the bytes, status, code; a dot in the path's place is for each path.
my @bad = (
    [ 'a line with a word too many', "GET %s HTTP/1.1 now\r\nHost: x\r\n\r\n", 400, 'bad_request' ],
    [ 'a header without a colon', "GET %s HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", 400,
        'bad_request' ],
    [ 'a header with a blank name', "GET %s HTTP/1.1\r\nHost: x\r\n : y\r\n\r\n", 400,
        'bad_request' ],
    [ 'no Host', "GET %s HTTP/1.1\r\n\r\n", 400, 'bad_request' ],
    [ 'two Hosts', "GET %s HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, 'bad_request' ],
    [ 'a header that is too long', "GET %s HTTP/1.1\r\nHost: x\r\nX-Long: " . 'x' x 2000
        . "\r\n\r\n",
        400, 'bad_request' ],
    [ 'too many headers', "GET %s HTTP/1.1\r\nHost: x\r\n" . join('', map { "X-$_: y\r\n" } 1 .. 30)
        . "\r\n", 400, 'bad_request' ],
    [ 'a transfer coding nobody knows',
        "POST %s HTTP/1.1\r\n${from}Transfer-Encoding: rot13\r\n\r\n",
        400, 'bad_request' ],
    [ 'an expectation nobody meets', "POST %s HTTP/1.1\r\n${from}Expect: miracles\r\n"
        . "Content-Length: 2\r\n\r\n{}", 417, 'refused' ],
    [ 'headers that never end', "GET %s HTTP/1.1\r\nHost: x\r\nX-Slow:", 408, 'request_timeout' ],
    [ 'a body that never comes', "POST %s HTTP/1.1\r\n${from}Content-Length: 100\r\n\r\n{\"cl", 408,
        'request_timeout' ],
);
my @paths = ($predict, '/client-health/predict');
plan_tests @bad * @paths + 6;
$server->expect_log('AH10244', 'AH00135', 'AH02812', 'AH03448', 'AH02418', 'AH00563', 'AH00561',
    'AH00562', 'AH00560', 'AH00567', 'AH00569', 'AH00570', 'AH01593', 'AH02427', 'AH00559');

sub answered {
    my ($bytes) = @_;
    my $wire = wire();
    $wire->send($bytes);
    return $wire->answer // { status => 0, headers => HTTP::Headers->new, body => '' };
}
for my $path (@paths) {
    for (@bad) {
        my ($what, $bytes, $status, $code) = @$_;
        is_problem answered(sprintf $bytes, $path), $status, $code, "$path: $what";
    }
}

# Where it is not our path, httpd answers as it does.
my $long = answered('GET /api/' . 'x' x 3000 . " HTTP/1.1\r\nHost: x\r\n\r\n");
is $long->{status}, 414, 'a path that is too long is refused';
unlike answered("GET /index.html HTTP/1.1 now\r\nHost: x\r\n\r\n")->{body}, qr/urn:mspmesh/,
    'a page\'s error is not a problem';
unlike answered("GET /nope.html HTTP/1.1\r\nHost: x\r\n\r\n")->{body}, qr/urn:mspmesh/,
    'nor is a page that is missing';
my $head = answered("HEAD /api/%2f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
is $head->{headers}->header('Content-Type'), 'application/problem+json', 'HEAD is told the type';
is $head->{body}, '', 'without a body';
cmp_ok $head->{headers}->header('Content-Length'), '>', 100, 'whose length it tells';
