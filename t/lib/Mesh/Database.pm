package Mesh::Database;

# A private PostgreSQL for tests: one cluster a run, and in it a template with
# the schema and the demo data that scratch databases are copied from.
#
#   my $pg = Mesh::Database->start($dir);       # or ->running, in a test
#   $pg->create('mesh_faults');
#   my $n = $pg->value('mesh_faults', 'select count(*) from mesh.msp');

use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use File::Basename qw(dirname);

my $top = abs_path(dirname(__FILE__) . '/../../..');
my ($bin) = reverse sort glob '/usr/lib/postgresql/*/bin';

# PostgreSQL refuses root, so its own programs run as its own user.
sub _as_postgres {
    my @command = @_;
    unshift @command, 'runuser', '-u', 'postgres', '--' if $> == 0;
    return system(@command) == 0;
}

sub _quote { my $s = shift; $s =~ s/'/'\\''/g; return "'$s'" }

# Make a cluster in DIR, unless there is one, and start it.
sub start {
    my ($class, $dir) = @_;
    my $self = bless { dir => $dir }, $class;

    $self->{socket} = length "$dir/run" > 80
        ? '/tmp/mspmesh-t' . unpack('%32C*', $dir) . $$ : "$dir/run";
    $self->{pidfile} = "$dir/data/postmaster.pid";
    mkdir $_ for $dir, $self->{socket};
    if ($> == 0) {
        my (undef, undef, $uid, $gid) = getpwnam 'postgres';
        chown $uid, $gid, $dir, $self->{socket};
    }
    chmod 0755, $dir, $self->{socket};
    if (!-e "$dir/data/PG_VERSION") {
        _as_postgres('sh', '-c', "$bin/initdb -D " . _quote("$dir/data")
                . ' -A trust -U postgres -E UTF8 --locale=C.UTF-8 >/dev/null')
            or die "initdb failed\n";
        open my $conf, '>>', "$dir/data/postgresql.conf" or die $!;
        print $conf <<CONF;
listen_addresses = ''
unix_socket_directories = '$self->{socket}'
unix_socket_permissions = 0777
max_connections = 120
shared_buffers = 128MB
CONF
        close $conf;
    }
    $self->up;
    return $self;
}

# The cluster that t/check started.
sub running {
    my ($class) = @_;
    die "run tests by make check\n" unless $ENV{MESH_PG_DIR};
    return bless { dir => $ENV{MESH_PG_DIR}, socket => $ENV{MESH_PG_SOCKET} }, $class;
}

sub up {
    my ($self) = @_;
    # A shell redirects: the server must not keep our output open.
    _as_postgres('sh', '-c', join ' ', "$bin/pg_ctl", '-D', _quote("$self->{dir}/data"),
        '-l', _quote("$self->{dir}/log"), '-w', 'start', '>/dev/null', '2>&1')
        or die "PostgreSQL does not start; see $self->{dir}/log\n";
}

sub down {
    my ($self, $how) = @_;
    _as_postgres('sh', '-c', join ' ', "$bin/pg_ctl", '-D', _quote("$self->{dir}/data"),
        '-m', $how // 'fast', '-w', 'stop', '>/dev/null', '2>&1');
}

sub restart { my ($self, $how) = @_; $self->down($how); $self->up }

sub connection { my ($self, $name) = @_; "host=$self->{socket} dbname=$name user=mesh_app" }

sub _psql {
    my ($self, $name, @more) = @_;
    return ('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-h', $self->{socket}, '-U', 'postgres',
        '-d', $name, @more);
}

sub run {
    my ($self, $name, $sql) = @_;
    open my $pipe, '|-', $self->_psql($name, '-o', '/dev/null') or die $!;
    print $pipe $sql;
    close $pipe or die "psql failed on: $sql\n";
}

sub file {
    my ($self, $name, $file) = @_;
    system($self->_psql($name, '-o', '/dev/null', '-f', $file)) == 0 or die "$file failed\n";
}

# The first cell of the answer, or all of it in list context.
sub value {
    my ($self, $name, $sql) = @_;
    open my $pipe, '-|', $self->_psql($name, '-At', '-c', $sql) or die $!;
    chomp(my @lines = <$pipe>);
    close $pipe or die "psql failed on: $sql\n";
    return wantarray ? @lines : $lines[0];
}

# A database with the schema and next to nothing in it: one provider with one
# client, whose ids are returned.
sub make_small {
    my ($self, $name) = @_;
    $self->run('postgres', "create database $name");
    my $done = `$top/sql/migrate -h $self->{socket} -U postgres -d $name`;
    die "migration failed: $done\n" if $?;
    my ($msp, $client) = map { sprintf '00000000-0000-7000-8000-%012d', $_ } 1, 2;
    $self->run($name, "insert into mesh.msp (id, name) values ('$msp', 'Small');
        insert into mesh.client (id, msp_id, name, since, currency)
        values ('$client', '$msp', 'Only', '2020-01-01', 'USD')");
    return ($msp, $client);
}

# The template: schema and demo data.  Jobs of the demo wait for a server.
sub make_template {
    my ($self) = @_;
    $self->run('postgres', 'create database mesh_template');
    my $done = `$top/sql/migrate -h $self->{socket} -U postgres -d mesh_template`;
    die "migration failed: $done\n" if $?;
    $self->file('mesh_template', "$top/sql/demo/load.sql");
}

sub create {
    my ($self, $name) = @_;
    $self->run('postgres', "create database $name template mesh_template");
}

sub drop {
    my ($self, $name) = @_;
    $self->run('postgres', "drop database if exists $name with (force)");
}

1;
