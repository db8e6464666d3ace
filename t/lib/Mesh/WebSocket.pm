package Mesh::WebSocket;

# A WebSocket client (RFC 6455) that does as it is told, rules or no rules.
#
#   my $ws = Mesh::WebSocket->open($hostport, '/ws', Origin => $origin);
#   $ws->{status};                          # 101, when it was let in
#   $ws->text('{"type":"ping"}');
#   my $message = $ws->message;             # {type => 'text', data => …}, within 10 s
#   $ws->frame(opcode => 9, data => 'x', mask => 0, fin => 0, rsv => 4);
#   my ($code, $reason) = $ws->shut(1000);  # what the other side says
#
# Texts are bytes here: whoever sends characters encodes them.

use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha1);
use IO::Select ();
use IO::Socket::INET ();
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(time);

my %type = (0 => 'more', 1 => 'text', 2 => 'binary', 8 => 'close', 9 => 'ping', 10 => 'pong');

# What a server must answer to a key.
sub accept_of { encode_base64(sha1($_[0] . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'), '') }

# Headers override those of the handshake; undef leaves one out.
sub open {
    my ($class, $hostport, $path, %headers) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $hostport, Timeout => 10) or die "$hostport: $!";
    my $key = encode_base64(join('', map { chr int rand 256 } 1 .. 16), '');
    my %all = (Host => $hostport, Upgrade => 'websocket', Connection => 'Upgrade',
        'Sec-WebSocket-Key' => $key, 'Sec-WebSocket-Version' => 13, %headers);
    my $self = bless { socket => $socket, read => '', key => $key }, $class;
    $self->bytes(join "\r\n", "GET $path HTTP/1.1",
        (map { "$_: $all{$_}" } grep { defined $all{$_} } sort keys %all), '', '');
    $self->_handshake;
    return $self;
}

# The same on a socket that is already open and let in.
sub of { my ($class, $socket) = @_; bless { socket => $socket, read => '' }, $class }

sub _handshake {
    my ($self) = @_;
    my $end = time + 10;
    until ($self->{read} =~ /\r\n\r\n/) { $self->_more($end) or return }
    $self->{read} =~ s/^(.*?)\r\n\r\n//s;
    my ($line, @lines) = split /\r\n/, $1;
    ($self->{status}) = $line =~ m{^HTTP/1\.1 (\d+)};
    $self->{headers} = { map { /^([^:]+):\s*(.*)/ ? (lc $1 => $2) : () } @lines };
    $self->{is_open} = ($self->{status} // 0) == 101
        && ($self->{headers}{'sec-websocket-accept'} // '') eq accept_of($self->{key});
}

sub bytes {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    while (length $bytes) {
        my $n = syswrite $self->{socket}, $bytes or return 0;
        substr($bytes, 0, $n) = '';
    }
    return 1;
}

sub _more {
    my ($self, $end) = @_;
    my $left = $end - time;
    return 0 if $left <= 0 || !IO::Select->new($self->{socket})->can_read($left);
    my $n = sysread $self->{socket}, $self->{read}, 65536, length $self->{read};
    $self->{is_ended} = 1 unless $n;
    return $n;
}

# ---- Sending

# A frame, masked as a client's must be unless mask is 0; mask may be four bytes.
sub frame {
    my ($self, %is) = (shift, opcode => 1, fin => 1, rsv => 0, data => '', @_);
    my $n = length $is{data};
    my $size = $n < 126 ? chr $n : $n < 65536 ? pack('Cn', 126, $n) : pack('CQ>', 127, $n);
    my $mask = $is{mask} // join '', map { chr int rand 256 } 1 .. 4;
    my $head = chr($is{fin} << 7 | $is{rsv} << 4 | $is{opcode});
    return $self->bytes("$head$size$is{data}") unless $mask;
    return $self->bytes($head . chr(ord($size) | 128) . substr($size, 1) . $mask
        . _masked($is{data}, $mask));
}

sub _masked {
    my ($data, $mask) = @_;
    my $n = length $data;
    return $data ^ substr $mask x (1 + $n / 4), 0, $n;
}

sub text   { $_[0]->frame(opcode => 1, data => $_[1]) }
sub binary { $_[0]->frame(opcode => 2, data => $_[1]) }
sub ping   { $_[0]->frame(opcode => 9, data => $_[1] // '') }
sub pong   { $_[0]->frame(opcode => 10, data => $_[1] // '') }

# ---- Receiving

# The next frame as it came; undef when there is none within SECONDS.
sub next_frame {
    my ($self, $seconds) = @_;
    my $end = time + ($seconds // 10);
    while (1) {
        if (length $self->{read} >= 2) {
            my ($a, $b) = unpack 'CC', $self->{read};
            my ($n, $at) = ($b & 127, 2);
            my $need = $n == 126 ? 4 : $n == 127 ? 10 : 2;
            if (length $self->{read} >= $need) {
                $at = $need;
                $n = unpack $need == 4 ? 'n' : 'Q>', substr $self->{read}, 2 if $need > 2;
                my $masked = $b >> 7;
                my $mask = $masked ? substr $self->{read}, $at, 4 : '';
                $at += 4 if $masked;
                if (length $self->{read} >= $at + $n) {
                    my $data = substr $self->{read}, $at, $n;
                    substr($self->{read}, 0, $at + $n) = '';
                    $data = _masked($data, $mask) if $masked;
                    return { fin => $a >> 7, rsv => $a >> 4 & 7, opcode => $a & 15, data => $data,
                        masked => $masked, type => $type{ $a & 15 } // 'reserved' };
                }
            }
        }
        $self->_more($end) or return;
    }
}

# The next whole message; pings are answered on the way.  A close is one too,
# with its code and reason.
sub message {
    my ($self, $seconds) = @_;
    my $end = time + ($seconds // 10);
    my $whole;
    while (my $frame = $self->next_frame($end - time)) {
        if ($frame->{opcode} == 9) { $self->pong($frame->{data}); next }
        next if $frame->{opcode} == 10 && !$self->{wants_pongs};
        if ($frame->{opcode} == 8) {
            @$frame{qw(code reason)} = unpack 'n a*', $frame->{data};
            return $frame;
        }
        return $frame if $frame->{opcode} > 2;
        $whole = $frame->{opcode} ? $frame : { %$whole, data => $whole->{data} . $frame->{data} };
        return $whole if $frame->{fin};
    }
    return;
}

# Say goodbye; returns the other side's code and reason, once it has hung up.
sub shut {
    my ($self, $code, $reason) = @_;
    $self->frame(opcode => 8, data => defined $code ? pack('n a*', $code, $reason // '') : '');
    while (my $message = $self->message) {
        next unless $message->{type} eq 'close';
        $self->is_ended;
        return @$message{qw(code reason)};
    }
    return;
}

# Whether the connection has been closed, or is within SECONDS.
sub is_ended {
    my ($self, $seconds) = @_;
    my $end = time + ($seconds // 10);
    1 while !$self->{is_ended} && $self->_more($end);
    return $self->{is_ended};
}

1;
