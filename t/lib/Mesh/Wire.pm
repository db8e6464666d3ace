package Mesh::Wire;

# HTTP byte by byte, for what no well-behaved client would send.
#
#   my $wire = Mesh::Wire->new($hostport);
#   $wire->send("GET /api/agents HTTP/1.1\r\nHost: x\r\n\r\n");
#   my $answer = $wire->answer;     # {status, headers, body, json}, or undef

use strict;
use warnings FATAL => 'all';

use HTTP::Response ();
use IO::Select ();
use IO::Socket::INET ();
use JSON ();
use Time::HiRes qw(time);

sub new {
    my ($class, $hostport) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $hostport, Timeout => 10) or die "$hostport: $!";
    $socket->autoflush(1);
    return bless { socket => $socket, read => '' }, $class;
}

# A peer that hangs up early is for the test to see, not to die of.
sub send {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    while (length $bytes) {
        my $n = syswrite $self->{socket}, $bytes, 65536;
        return 0 unless $n;
        substr($bytes, 0, $n) = '';
    }
    return 1;
}

# No more comes from us.
sub finish { shutdown $_[0]{socket}, 1 }

sub close { close $_[0]{socket} }

# More bytes, within the deadline; false at the end.
sub _more {
    my ($self, $end) = @_;
    my $left = $end - time;
    return 0 if $left <= 0 || !IO::Select->new($self->{socket})->can_read($left);
    return sysread $self->{socket}, $self->{read}, 65536, length $self->{read};
}

# Whether the server has closed the connection, or does within SECONDS.
sub is_closed {
    my ($self, $seconds) = @_;
    my $end = time + $seconds;
    my $n;
    1 while ($n = $self->_more($end));
    return defined $n && !$n && time < $end;
}

# The next answer; undef when the connection ends without one.
sub answer {
    my ($self, $seconds) = @_;
    my $end = time + ($seconds // 30);
    until ($self->{read} =~ /\r?\n\r?\n/) {
        $self->_more($end) or return;
    }
    $self->{read} =~ s/^(.*?\r?\n)\r?\n//s;
    my $response = HTTP::Response->parse("$1\n");
    return $self->answer($end - time) if $response->code == 100;
    my $length = $response->header('Content-Length');
    if ($response->code == 204 || $response->code == 304) {
        $length = 0;
    }
    if (defined $length) {
        while (length $self->{read} < $length) { $self->_more($end) or last }
        $response->content(substr $self->{read}, 0, $length, '');
    }
    else {
        1 while $self->_more($end);
        $response->content($self->{read});
        $self->{read} = '';
    }
    my $answer = {
        status => $response->code, headers => $response->headers, body => $response->content,
    };
    $answer->{json} = eval { JSON->new->utf8->decode($response->content) }
        if ($response->header('Content-Type') // '') =~ /json/;
    return $answer;
}

1;
