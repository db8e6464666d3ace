# "apachectl configtest" finds what is wrong, and says it in one line.

use strict;
use warnings FATAL => 'all';
use Mesh::Server ();
use Mesh::Test;

my $site = qr{^Include .*site\.conf.*$}m;

# What is configured, and what is said about it.
my @bad = (
    [ "MspMesh perhaps\n", qr/MspMesh must be On or Off/ ],
    [ "MspMeshBodyLimit 1\n", qr/MspMeshBodyLimit must be a size such as 32M, from 1024 bytes to/ ],
    [ "MspMeshBodyLimit 2G\n", qr/MspMeshBodyLimit must be a size/ ],
    [ "MspMeshBodyLimit 10MB\n", qr/MspMeshBodyLimit must be a size/ ],
    [ "MspMeshBodyLimit -1\n", qr/MspMeshBodyLimit must be a size/ ],
    [ "MspMeshBodyLimit 99999999999999999999\n", qr/MspMeshBodyLimit must be a size/ ],
    [ "MspMeshSessionLifetime 1s\n",
        qr/MspMeshSessionLifetime must be a time such as 30s, from 60s/ ],
    [ "MspMeshSessionLifetime 31d\n", qr/MspMeshSessionLifetime must be a time/ ],
    [ "MspMeshSessionLifetime soon\n", qr/MspMeshSessionLifetime must be a time/ ],
    [ "MspMeshWorkers 65\n", qr/MspMeshWorkers must be a number from 0 to 64/ ],
    [ "MspMeshWorkers two\n", qr/MspMeshWorkers must be a number/ ],
    [ "MspMeshWorkers 8apples\n", qr/MspMeshWorkers must be a number/ ],
    [ "MspMeshPoolWait 0\n", qr/MspMeshPoolWait must be a time such as 30s, from 1s to 60s/ ],
    [ "MspMeshDevelopment\n", qr/MspMeshDevelopment takes one argument/ ],
    [ "MspMeshNonsense On\n", qr/Invalid command 'MspMeshNonsense'/ ],
    [ "MspMeshPrefix api\n", qr/MspMeshPrefix must be a path such as \/api/ ],
    [ "MspMeshPrefix /\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshPrefix /api/\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshPrefix //api\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshPrefix /api/../x\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshPrefix /a%20b\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshPrefix /{x}\n", qr/MspMeshPrefix must be a path/ ],
    [ "MspMeshAgent palm-reading hands 2\n", qr/MspMeshAgent: there is no agent palm-reading/ ],
    [ "MspMeshAgent client-health colour red\n", qr/client-health has no setting colour/ ],
    [ "MspMeshAgent client-health min-leavers 0\n",
        qr/min-leavers must be a number from 1 to 1000/ ],
    [ "MspMeshAgent client-health min-leavers nan\n", qr/min-leavers must be a number/ ],
    [ "MspMeshAgent client-health min-leavers\n", qr/MspMeshAgent takes three arguments/ ],
    [ "<VirtualHost 127.0.0.1>\nMspMeshWorkers 1\n</VirtualHost>\n",
        qr/MspMeshWorkers cannot occur within <VirtualHost> section/ ],
    [ "<Directory />\nMspMesh On\n</Directory>\n", qr/MspMesh not allowed in <Directory> context/ ],
    [ "<VirtualHost 127.0.0.1>\nMspMeshAgent client-health colour red\n</VirtualHost>\n",
        qr/client-health has no setting colour/ ],
    [ "<VirtualHost 127.0.0.1>\nMspMeshPrefix x\n</VirtualHost>\n",
        qr/MspMeshPrefix must be a path/ ],
    [ "Listen 9\n", qr/MspMeshDevelopment needs every Listen on 127\.0\.0\.1 or \[::1\], but/ ],
    [ "Listen 0.0.0.0:9\n", qr/MspMeshDevelopment needs every Listen .*0\.0\.0\.0/ ],
    [ "<Directory />\nRequire mspmesh-role king\n</Directory>\n", qr/mspmesh-role knows no king/ ],
    [ "<Directory />\nRequire mspmesh-role\n</Directory>\n",
        qr/mspmesh-role needs at least one role/ ],
);

# What is left out of the configuration, or put in its place.
my @missing = (
    [ 'without mod_dbd', sub { s/^LoadModule dbd_module.*\n//m; s/$site/MspMesh On/ },
        qr/MspMesh needs mod_dbd: LoadModule dbd_module/ ],
    [ 'without DBDriver', sub { s/$site/MspMesh On\nDBDParams x/ },
        qr/MspMesh needs "DBDriver pgsql" in the main server/ ],
    [ 'with another driver', sub { s/$site/MspMesh On\nDBDriver sqlite3\nDBDParams x/ },
        qr/needs "DBDriver pgsql"|No driver for sqlite3/ ],
    [ 'without DBDParams', sub { s/$site/MspMesh On\nDBDriver pgsql/ },
        qr/MspMesh needs DBDParams, which says where the database is/ ],
);

# What is allowed.
my @good = (
    "MspMeshBodyLimit 1024\n", "MspMeshBodyLimit 1G\n", "MspMeshSessionLifetime 1min\n",
    "MspMeshWorkers 0\n", "MspMeshPrefix /a/b-c_d.e\n", "Listen [::1]:9\n",
    "MspMeshAgent client-health min-leavers 1000\n", "MspMeshDevelopment Off\nListen 9\n",
    "MspMesh Off\n", "<VirtualHost 127.0.0.1>\nMspMesh Off\nMspMeshBodyLimit 1M\n</VirtualHost>\n",
    "<Directory />\nAuthType MspMesh\nRequire mspmesh-role admin client-viewer\n</Directory>\n",
);
plan_tests 2 * @bad + 2 * @missing + @good + 2;

# The lines that are not httpd's own notes of where and that it failed.
sub complaints {
    return grep { !/^AH00526: Syntax error|^AH00014|^AH00016|Configuration (?:check )?[Ff]ailed/ }
        split /\n/, shift;
}

for (@bad) {
    my ($config, $says) = @$_;
    my ($status, $said) = Mesh::Server->new(config => $config)->configtest;
    my ($line) = grep { !/^</ } split /\n/, $config;
    ok $status && $said =~ $says, "'$line' is found" or diag $said;
    is scalar(complaints($said)), 1, 'in one line' or diag $said;
}
for (@missing) {
    my ($what, $edit, $says) = @$_;
    my ($status, $said) = Mesh::Server->new(edit => $edit)->configtest;
    ok $status && $said =~ $says, "$what it says so" or diag $said;
    is scalar(complaints($said)), 1, 'in one line' or diag $said;
}
for my $config (@good) {
    my ($status, $said) = Mesh::Server->new(config => $config)->configtest;
    is $status, 0, "'@{[$config =~ s/\n/ /gr]}' is right" or diag $said;
}

# The reference, with every line of it switched on, is a configuration.
open my $reference, '<', "$ENV{MESH_TOP}/conf/mspmesh.conf" or die $!;
my $on = join '', grep { s/^#(?=MspMesh)// } <$reference>;
open my $source, '<', "$ENV{MESH_TOP}/mod_mspmesh/httpd/config.c" or die $!;
my $rows = grep { /\("MspMesh\w*", / } <$source>;
is scalar(() = $on =~ /^MspMesh/mg), $rows, 'the reference has an example of each directive';
my ($status, $said) = Mesh::Server->new(config => $on)->configtest;
is $status, 0, 'and each can be used as it stands' or diag $said;
