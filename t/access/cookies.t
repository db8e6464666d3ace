# The cookie of a server that is not a developer's, and folders it guards.

use strict;
use warnings FATAL => 'all';
use File::Temp ();
use Mesh::Server ();
use Mesh::Test tests => 15;

my $pages = File::Temp::tempdir('mspmesh-pages-XXXXXX', DIR => '/var/tmp', CLEANUP => 1);
mkdir "$pages/staff" or die $!;
for my $name ('index.html', 'staff/plan.html') {
    open my $page, '>', "$pages/$name" or die $!;
    print $page "<!doctype html>$name";
    close $page;
}
system('chmod', '-R', 'a+rX', $pages);
my $server = Mesh::Server->start(htdocs => $pages, config => <<CONF);
MspMeshDevelopment Off
MspMeshSessionLifetime 30min
<Directory "$pages/staff">
    AuthType MspMesh
    AuthName staff
    Require mspmesh-role admin analyst
    AuthzSendForbiddenOnFailure On
</Directory>
CONF
use_server($server);
$server->expect_log('AH01631');    # httpd notes whom it turns away

my $password = 'correct horse battery';
my %cookie;
for my $role (qw(admin viewer)) {
    my $email = "cookie-$role$$\@northgate.example";
    api(POST => '/api/users', { email => $email, name => $role, role => $role,
        password => $password });
    my $answer = api(POST => '/api/session', { email => $email, password => $password }, key => 0);
    $cookie{$role} = $answer->{headers}->header('Set-Cookie');
}
like $cookie{admin},
    qr/^__Host-mspmesh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=1800$/,
    'the cookie goes over TLS only, and lasts as long as is configured';
s/;.*// for values %cookie;
is api(GET => '/api/session', undef, key => 0, headers => { Cookie => $cookie{admin} })->{status},
    200,
    'it is a session';
is api(GET => '/api/session', undef, key => 0,
    headers => { Cookie => $cookie{admin} =~ s/__Host-//r })->{status}, 401,
    'under no other name, for that one any page could set';
my $host = $server->hostport;
is api(POST => '/api/client-health/predict', { client_id => 'x' }, key => 0, headers =>
    { Cookie => $cookie{admin}, Origin => "https://$host" })->{status}, 404,
    'a proxy that ends TLS in front is the same origin';

# A folder of files behind the same identities.
my $plan = '/staff/plan.html';
sub look { api(GET => $plan, undef, key => 0, headers => {@_})->{status} }
is api(GET => '/', undef, key => 0)->{status}, 200, 'open pages are open';
is look(), 401, 'a guarded one is closed to strangers';
is look(Cookie => $cookie{admin}), 200, 'open to who has the role';
is look(Cookie => $cookie{viewer}), 403, 'closed to who has another';
is look('X-API-Key' => key_for(northgate())), 200, 'a key opens it too';
is look('X-API-Key' => key_for(northgate(), role => 'viewer')), 403, 'if its role does';
is look('X-API-Key' => 'msk_aaaaaaaaaaaa_' . 'b' x 43), 401, 'an unknown key does not';
is look('X-API-Key' => key_for(northgate(), expires => '-1 second')), 401, 'nor an expired one';
unlike api(GET => $plan, undef, key => 0)->{body}, qr/urn:mspmesh/,
    'a page that is closed is no problem';
is api(GET => "/staff/..$plan", undef, key => 0)->{status}, 401,
    'nor is it reached around the door';
is api(GET => '/staff/%2e%2e' . $plan, undef, key => 0)->{status}, 401, 'however that is spelt';
