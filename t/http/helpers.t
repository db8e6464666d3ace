# The tests' own tools: what they say of a server can be relied on.

use strict;
use warnings FATAL => 'all';
use IO::Socket::INET ();
use LWP::UserAgent ();
use Mesh::Test tests => 42;
use POSIX ();
use Mesh::Upstream ();
use Mesh::WebSocket ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);

# ---- A WebSocket client and another, back to back

is Mesh::WebSocket::accept_of('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'the example of RFC 6455 is answered as there';

socketpair my $left, my $right, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die $!;
my ($ada, $bob) = map { Mesh::WebSocket->of($_) } $left, $right;

# Section 5.7 of the RFC: bytes, and what they are.
for (
    [ '810548656c6c6f', 'text', 'Hello', 0, 'an unmasked text' ],
    [ '818537fa213d7f9f4d5158', 'text', 'Hello', 1, 'a masked text' ],
    [ '890548656c6c6f', 'ping', 'Hello', 0, 'a ping' ],
    [ '8a8537fa213d7f9f4d5158', 'pong', 'Hello', 1, 'a masked pong' ],
    [ '827e0100' . '61' x 256, 'binary', 'a' x 256, 0, '256 bytes' ],
    [ '827f0000000000010000' . '61' x 65536, 'binary', 'a' x 65536, 0, '64 KiB' ],
) {
    my ($hex, $type, $data, $masked, $what) = @$_;
    # More than a socket holds is sent by somebody else.
    my $pid = fork;
    if (!$pid) { $ada->bytes(pack 'H*', $hex); POSIX::_exit(0) }
    my $frame = $bob->next_frame;
    waitpid $pid, 0;
    is_deeply [ @$frame{qw(type data masked)} ], [ $type, $data, $masked ], "$what is read";
}
for my $n (0, 1, 125, 126, 127, 65535) {
    $ada->binary('x' x $n);
    my $frame = $bob->next_frame;
    is length $frame->{data}, $n, "$n bytes arrive";
    is $frame->{masked}, 1, 'masked, as a client must';
}
$ada->frame(opcode => 1, fin => 0, data => 'in ');
$ada->frame(opcode => 9, data => 'are you there');
$ada->frame(opcode => 0, fin => 0, data => 'three ');
$ada->frame(opcode => 0, data => 'parts');
my $message = $bob->message;
is $message->{data}, 'in three parts', 'parts become one message';
is $ada->next_frame->{data}, 'are you there', 'and a ping among them is answered';
$ada->frame(opcode => 3, rsv => 4, mask => 0, data => 'x');
is_deeply { %{ $bob->next_frame } },
    { fin => 1, rsv => 4, opcode => 3, data => 'x', masked => 0, type => 'reserved' },
    'rules can be broken on purpose';
$ada->frame(opcode => 8, data => pack('n a*', 1001, 'gone'));
is_deeply [ @{ $bob->message }{qw(type code reason)} ], [ 'close', 1001, 'gone' ],
    'a close has its code and reason';
$bob->bytes("\x81\x05He");
is $ada->next_frame(0.05), undef, 'half a frame is none';
close $right;
ok $ada->is_ended(1), 'an end is noticed';

# ---- A handshake, with a server that says what we like

my ($good, $bad) = map {
    my $spoil = $_;
    Mesh::Upstream->start(sub {
        my ($request) = @_;
        my $accept = Mesh::WebSocket::accept_of($request->{headers}{'sec-websocket-key'} // '');
        return { raw => join "\r\n", 'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket',
            'Connection: Upgrade', "Sec-WebSocket-Accept: $accept$spoil", '', "\x81\x02hi" };
    })
} '', 'x';
my $ws = Mesh::WebSocket->open("127.0.0.1:$good->{port}", '/ws?x=1', Origin => 'http://here',
    Connection => undef);
is $ws->{status}, 101, 'a handshake is made';
ok $ws->{is_open}, 'and its answer found right';
is $ws->message->{data}, 'hi', 'a frame that came along with it is not lost';
my ($asked) = $good->requests;
is_deeply [ @{ $asked->{headers} }{qw(upgrade origin connection sec-websocket-version)} ],
    [ 'websocket', 'http://here', undef, 13 ], 'headers can be added and left out';
ok !Mesh::WebSocket->open("127.0.0.1:$bad->{port}", '/')->{is_open}, 'a wrong answer is noticed';

# ---- An upstream

my $upstream = Mesh::Upstream->start(sub {
    my ($request, $n) = @_;
    return { status => 503, headers => { 'Retry-After' => 1 } } if $n == 1;
    return { chunks => [ 'one ', 'two' ] } if $request->{path} eq '/chunks';
    return { cut => 1, body => 'x' x 1000 } if $request->{path} eq '/cut';
    return { raw => "not HTTP at all\r\n\r\n" } if $request->{path} eq '/raw';
    return { silent => 60 } if $request->{path} eq '/silent';
    return { status => 201, body => $request->{body}, headers => { 'X-N' => $n } };
});
my $agent = LWP::UserAgent->new(keep_alive => 1, timeout => 1);
is $agent->get($upstream->url('/first'))->code, 503, 'the first time it may fail';
my $echo = $agent->post($upstream->url('/echo?a=b'), Content => "caf\xe9\0",
    'X-Two' => 'words here');
is $echo->code, 201, 'the next it works';
is $echo->content, "caf\xe9\0", 'it says what it was told to';
is $echo->header('X-N'), 2, 'and counts';
is $agent->get($upstream->url('/chunks'))->content, 'one two', 'chunks are sent';
ok length($agent->get($upstream->url('/cut'))->content) < 1000, 'it can hang up in the middle';
like $agent->get($upstream->url('/raw'))->content, qr/^not HTTP/, 'or talk nonsense';
ok $agent->get($upstream->url('/silent'))->header('Client-Warning'), 'or say nothing';
my @requests = $upstream->requests;
is_deeply [ map { $_->{path} } @requests ], [qw(/first /echo /chunks /cut /raw /silent)],
    'each request is kept, in order';
is_deeply [ @{ $requests[1] }{qw(method query body)}, $requests[1]{headers}{'x-two'} ],
    [ 'POST', 'a=b', "caf\xe9\0", 'words here' ], 'as it came';
my $wire = Mesh::Wire->new("127.0.0.1:$upstream->{port}");
$wire->send("PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    . "3\r\nabc\r\n0\r\n\r\n");
is $wire->answer->{body}, 'abc', 'chunks are read';
$upstream->stop;
is $agent->get($upstream->url('/'))->code, 500, 'and it stops';
