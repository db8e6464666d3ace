package Mesh::Upstream;

# Somebody else's HTTP server, on loopback: it says what a test tells it to,
# and keeps every request as it came.
#
#   my $upstream = Mesh::Upstream->start(sub {
#       my ($request, $n) = @_;             # {method, path, query, headers, body}, from 1
#       return { status => 200, headers => { 'Content-Type' => 'text/plain' }, body => 'hello' };
#   });
#   … $upstream->url('/path') …
#   my @asked = $upstream->requests;
#
# Instead of body: chunks => [...] sends them as chunks; raw => bytes sends
# just these; cut => 1 hangs up in the middle; silent => seconds says nothing
# for so long, and then hangs up.

use strict;
use warnings FATAL => 'all';

use File::Temp ();
use IO::Select ();
use IO::Socket::INET ();
use JSON ();
use POSIX ();

my $json = JSON->new->latin1;

sub start {
    my ($class, $script) = @_;
    my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', ReuseAddr => 1)
        or die "no port: $!";
    my $dir = File::Temp::tempdir('mspmesh-upstream-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $self = bless { port => $listener->sockport, record => "$dir/requests", owner => $$ },
        $class;
    open my $empty, '>', $self->{record} or die $!;
    close $empty;
    my $parent = $$;
    $self->{pid} = fork // die "no process: $!";
    if (!$self->{pid}) {
        $SIG{CHLD} = 'IGNORE';
        $SIG{TERM} = sub { POSIX::_exit(0) };
        while (getppid == $parent) {
            next unless IO::Select->new($listener)->can_read(1);
            my $client = $listener->accept or next;
            if (!fork) {
                $self->_serve($client, $script);
                POSIX::_exit(0);
            }
        }
        POSIX::_exit(0);
    }
    close $listener;
    return $self;
}

sub url { my ($self, $path) = @_; "http://127.0.0.1:$self->{port}" . ($path // '') }

# All requests so far, in the order they were read.
sub requests {
    my ($self) = @_;
    open my $record, '<', $self->{record} or return;
    return map { $json->decode($_) } <$record>;
}

sub stop {
    my ($self) = @_;
    return unless $self->{pid} && $self->{owner} == $$;
    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{pid} = undef;
}

sub DESTROY { local ($?, $!); $_[0]->stop }

# ---- One connection

sub _serve {
    my ($self, $client, $script) = @_;
    my $read = '';
    local $SIG{PIPE} = 'IGNORE';
    while (my $request = _read_request($client, \$read)) {
        my $n = $self->_record($request);
        my $reply = $script->($request, $n);
        _write_reply($client, $request, $reply) or last;
    }
    close $client;
}

# Appended under a lock: connections are processes of their own.
sub _record {
    my ($self, $request) = @_;
    open my $record, '+>>', $self->{record} or die $!;
    flock $record, 2;
    seek $record, 0, 0;
    my $n = () = <$record>;
    print $record $json->encode($request), "\n";
    close $record;
    return $n + 1;
}

sub _fill {
    my ($client, $read) = @_;
    return sysread $client, $$read, 65536, length $$read;
}

sub _take {
    my ($client, $read, $n) = @_;
    while (length $$read < $n) { _fill($client, $read) or return }
    return substr $$read, 0, $n, '';
}

sub _line {
    my ($client, $read) = @_;
    until ($$read =~ /\n/) { _fill($client, $read) or return }
    $$read =~ s/^(.*?)\r?\n//;
    return $1;
}

sub _read_request {
    my ($client, $read) = @_;
    my $line = _line($client, $read) // return;
    my ($method, $target) = split / /, $line;
    my (%headers, @names);
    while (length(my $header = _line($client, $read) // return)) {
        my ($name, $value) = $header =~ /^([^:]+):\s*(.*?)\s*$/ or next;
        push @names, $name;
        $headers{ lc $name } = exists $headers{ lc $name } ? "$headers{ lc $name }, $value"
            : $value;
    }
    syswrite $client, "HTTP/1.1 100 Continue\r\n\r\n"
        if ($headers{expect} // '') =~ /100-continue/i;
    my $body = '';
    if (($headers{'transfer-encoding'} // '') =~ /chunked/i) {
        while (my $size = hex(_line($client, $read) // return)) {
            $body .= _take($client, $read, $size) // return;
            _line($client, $read);
        }
        1 while length(_line($client, $read) // '');
    }
    elsif ($headers{'content-length'}) {
        $body = _take($client, $read, $headers{'content-length'}) // return;
    }
    my ($path, $query) = split /\?/, $target, 2;
    return { method => $method, target => $target, path => $path, query => $query,
        headers => \%headers,
        names => \@names, body => $body };
}

# False when nothing more is to come on this connection.
sub _write_reply {
    my ($client, $request, $reply) = @_;
    if ($reply->{silent}) {
        IO::Select->new($client)->can_read($reply->{silent});    # until it gives up
        return 0;
    }
    if (defined $reply->{raw}) {
        syswrite $client, $reply->{raw};
        return 0;
    }
    my $status = $reply->{status} // 200;
    my %headers = %{ $reply->{headers} // {} };
    my $body = $reply->{body} // '';
    my $chunks = $reply->{chunks};
    if ($chunks) { $headers{'Transfer-Encoding'} = 'chunked' }
    else         { $headers{'Content-Length'} //= length $body }
    my $head = join "\r\n", "HTTP/1.1 $status Said",
        (map { "$_: $headers{$_}" } sort keys %headers),
        '', '';
    $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @$chunks if $chunks;
    $body .= "0\r\n\r\n" if $chunks && !$reply->{cut};
    $body = substr $body, 0, length($body) / 2 if $reply->{cut} && !$chunks;
    syswrite $client, $head . ($request->{method} eq 'HEAD' ? '' : $body);
    return !$reply->{cut} && lc($request->{headers}{connection} // '') ne 'close';
}

1;
