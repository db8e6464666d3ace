package Mesh::Server;

# A httpd of a test's own, beside the one that t/check started: another MPM,
# other directives, a database that is to be stopped.
#
#   my $server = Mesh::Server->start(mpm => 'prefork', config => "DBDMax 2\n");
#   use_server($server);                  # Mesh::Test's api() now asks this one
#   $server->expect_log('MESH1102');      # else a line of level error fails the file
#   $server->stop;                        # or when the file ends
#
# It is the developer's configuration as it is shipped; "config" comes after
# it, "before" in front of it, and "edit" may change its text.

use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use IO::Socket::INET ();
use Time::HiRes qw(sleep time);

my $top = abs_path(dirname(__FILE__) . '/../../..');
my @servers;

# Threads and children, as each MPM has them.
my %size = (
    event   => '',
    worker  => '',
    prefork => "StartServers 3\nMinSpareServers 3\nMaxSpareServers 3\nMaxRequestWorkers 5\n",
);

sub free_port {
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
    return $socket->sockport;
}

# Not started: its files only.  Takes what start() takes.
sub new {
    my ($class, %is) = @_;
    my $dir = File::Temp::tempdir('mspmesh-server-XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
    chmod 0755, $dir;
    my $self = bless {
        dir => $dir, port => $is{port} // free_port(), expected => [],
        log => "$dir/error_log", pidfile => "$dir/httpd.pid", owner => $$,
        database => $is{database} // $ENV{MESH_DATABASE},
    }, $class;
    $self->configure(%is);
    return $self;
}

sub configure {
    my ($self, %is) = @_;
    my $mpm = $is{mpm} // 'event';
    open my $shipped, '<', "$top/conf/dev/httpd.conf" or die $!;
    local $_ = do { local $/; <$shipped> };
    s/mpm_event/mpm_$mpm/g;
    s/^(?:ServerLimit|StartServers|ThreadsPerChild|M\w+(?:Workers|Threads)) .*\n//mg
        if $mpm eq 'prefork';
    my $include = /^(Include .*\n)/m ? $1 : die 'conf/dev/httpd.conf includes nothing';
    s/\Q$include\E//;
    $_ .= $size{$mpm} . ($is{before} // '') . $include;
    # Only what a scoreboard of this size needs.
    $_ .= $is{config} // '';
    $is{edit}->() if $is{edit};
    open my $conf, '>', "$self->{dir}/httpd.conf" or die $!;
    print $conf <<DEFINES, $_;
Define MESH_TOP "$top"
Define MESH_PORT $self->{port}
Define MESH_LOGS "$self->{dir}"
Define MESH_PIDFILE "$self->{pidfile}"
Define MESH_HTDOCS "@{[ $is{htdocs} // "$top/htdocs" ]}"
Define MESH_MODULE "$ENV{MESH_MODULE}"
Define MESH_DATABASE "$self->{database}"
DEFINES
    close $conf or die $!;
}

sub command {
    my ($self, @more) = @_;
    return ($ENV{HTTPD} || '/usr/sbin/apache2', '-d', $top, '-f', "$self->{dir}/httpd.conf", @more);
}

# What "apachectl configtest" would say: (0, 'Syntax OK'), or (1, why not).
sub configtest {
    my ($self) = @_;
    my $pid = open my $pipe, '-|';
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec $self->command('-t');
    }
    my $said = do { local $/; <$pipe> };
    close $pipe;
    return ($? >> 8, $said);
}

# Start and wait until it accepts connections.
sub start {
    my ($class, %is) = @_;
    my $self = $class->new(%is);
    push @servers, $self;
    $self->up;
    return $self;
}

sub up {
    my ($self) = @_;
    my $out = "$self->{dir}/start.out";
    system(join(' ', map { "'$_'" } $self->command('-k', 'start')) . " </dev/null >$out 2>&1") == 0
        or die "httpd does not start: " . `cat $out $self->{log} 2>/dev/null`;
    my $end = time + 60;
    until ($self->connect) {
        die "httpd does not listen: " . `tail -n 20 $self->{log}` if time > $end;
        sleep 0.05;
    }
    $self->{is_up} = 1;
}

sub connect {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 5);
}

sub hostport { "127.0.0.1:$_[0]{port}" }

sub pid {
    my ($self) = @_;
    open my $file, '<', $self->{pidfile} or return;
    my $pid = <$file>;
    return $pid && $pid =~ /^(\d+)/ ? $1 : undef;
}

sub children {
    my ($self) = @_;
    my $pid = $self->pid or return;
    return split ' ', `ps -o pid= --ppid $pid`;
}

sub is_running { my $pid = $_[0]->pid; $pid && kill 0, $pid }

sub signal { my ($self, $name) = @_; kill $name, $self->pid }

# End it, in good order; returns how many seconds that took.
sub stop {
    my ($self, $signal) = @_;
    my $pid = $self->pid;
    # Who died without a word has no line in its log.
    push @{ $self->{faults} }, "httpd had died\n" if $self->{is_up} && !($pid && kill 0, $pid);
    return 0 unless delete $self->{is_up} && $pid;
    my $started = time;
    kill $signal // 'TERM', $pid;
    sleep 0.02 while kill(0, $pid) && time < $started + 30;
    if (kill 0, $pid) {
        kill 'KILL', $pid, $self->children;
        push @{ $self->{faults} }, "httpd did not end\n";
    }
    return time - $started;
}

sub expect_log { my $self = shift; push @{ $self->{expected} }, @_ }

sub log_text {
    my ($self) = @_;
    open my $log, '<', $self->{log} or return '';
    local $/;
    return <$log> // '';
}

# Lines of level error or worse that nobody announced.
sub faults {
    my ($self) = @_;
    my $known = join '|', map { quotemeta } @{ $self->{expected} };
    return @{ $self->{faults} // [] }, grep {
        /:(?:emerg|alert|crit|error)\]|ERROR: \w+Sanitizer|runtime error:|CHECK failed|exit signal/
            && !($known && /(?:$known)/)
    } $self->log_text =~ /^(.*\n)/mg;
}

# Of all servers of this file, once they have stopped.
sub stop_all {
    my @own = grep { $_->{owner} == $$ } @servers;
    $_->stop for @own;
    return map { $_->faults } @own;
}

END { local $?; stop_all() }

1;
