# Keys: who is let in, to what, and for how long.

use strict;
use warnings FATAL => 'all';
use LWP::UserAgent ();
use Mesh::Test;
use Time::HiRes qw(time);

my $status = '/api/agents/status';
my $predict = '/api/client-health/predict';
my $msp = northgate();
my $key = key_for($msp);
my $spoilt = $key =~ s/(.)$/$1 eq 'x' ? 'y' : 'x'/er;
my %ask = (POST => { client_id => 'nobody' });

# What is shown, and it is nobody we know.
my @unknown = (
    [ 'no key', {} ],
    [ 'an empty key', { 'X-API-Key' => '' } ],
    [ 'a key of another make', { 'X-API-Key' => 'sk_live_1234567890' } ],
    [ 'the id of a key alone', { 'X-API-Key' => substr $key, 0, 16 } ],
    [ 'a key with another secret', { 'X-API-Key' => $spoilt } ],
    [ 'a key with more behind it', { 'X-API-Key' => "${key}x" } ],
    [ 'a key in capitals', { 'X-API-Key' => uc $key } ],
    [ 'a key whose id quotes', { 'X-API-Key' => "msk_abc'\"or1=1_" . 'x' x 43 } ],
    [ 'a key of 5,000 letters', { 'X-API-Key' => 'msk_' . 'a' x 5000 } ],
    [ 'a key as a password', { Authorization => "Basic $key" } ],
    [ 'a key that has expired', { 'X-API-Key' => key_for($msp, expires => '-1 second') } ],
);

# Role, scopes, method, path, and whether that is allowed.
my $read = '{client-health:read}';
my @may = (
    [ admin => '{*}', GET => '/api/keys', 1 ],
    [ analyst => '{*}', GET => '/api/keys', 0 ],
    [ service => '{*}', GET => '/api/keys', 0 ],
    [ analyst => '{*}', POST => '/api/client-health/train', 1 ],
    [ technician => '{*}', POST => '/api/client-health/train', 0 ],
    [ technician => '{*}', POST => $predict, 1 ],
    [ viewer => '{*}', POST => $predict, 0 ],
    [ viewer => '{*}', POST => '/client-health', 0 ],
    [ viewer => '{*}', GET => '/api/client-health/models', 1 ],
    [ viewer => '{*}', DELETE => '/api/jobs/00000000-0000-0000-0000-000000000000', 0 ],
    [ admin => $read, GET => '/api/client-health/models', 1 ],
    [ admin => $read, POST => $predict, 0 ],
    [ admin => $read, GET => '/api/events', 0 ],
    [ admin => '{client-health:*}', POST => $predict, 1 ],
    [ admin => '{*:read}', GET => '/api/events', 1 ],
    [ admin => '{*:read}', POST => $predict, 0 ],
    [ admin => '{client:run,health:run}', POST => $predict, 0 ],
    [ viewer => '{*:run}', POST => $predict, 0 ],
    [ viewer => '{users:admin}', GET => '/api/users', 0 ],
);
plan_tests 2 * @unknown + @may + 18;

my $logged = log_lines('401 unauthenticated');
for (@unknown) {
    my ($what, $headers) = @$_;
    is_problem api(GET => $status, undef, key => 0, headers => $headers), 401, 'unauthenticated',
        "$what opens nothing";
    is api(GET => '/healthz', undef, key => 0, headers => $headers)->{status}, 200,
        'and does not close what is open to all';
}
cmp_ok scalar(log_lines('401 unauthenticated')) - $logged, '==', @unknown,
    'each is in the log once';
is scalar(grep { /\Q$key\E|@{[substr $key, 17]}/ } log_lines('')), 0, 'and no key is';
like api(GET => $status, undef, key => 0)->{headers}->header('WWW-Authenticate'), qr/^Bearer /,
    'the answer says how to come in';
for (@may) {
    my ($role, $scopes, $method, $path, $is_allowed) = @$_;
    my $status = api($method => $path, $ask{$method}, key => key_for($msp, role => $role,
        scopes => $scopes))->{status};
    ok $is_allowed ? $status != 403 && $status != 401 : $status == 403,
        "$role with $scopes may " . ($is_allowed ? '' : 'not ') . "$method $path";
}
is_problem api(POST => $predict, { client_id => 'x' }, key => key_for($msp, role => 'viewer')), 403,
    'wrong_scope', 'who may not is told so';
is api(GET => $status, undef, key => 0, headers => { Authorization => "Bearer $key" })->{status},
    200,
    'a key also comes as a bearer token';
is api(GET => $status, undef, key => 0, headers => { Authorization => "bearer   $key" })->{status},
    200, 'however that is written';
is_problem api(GET => "$status?api_key=$key", undef, key => 0), 401, 'unauthenticated',
    'a key in the address is not taken';
is_problem api(GET => "$status?X-API-Key=$key", undef, key => 0), 401, 'unauthenticated',
    'under no name';

# Making and revoking.
my $made = api(POST => '/api/keys', { name => 'probe', role => 'viewer' });
is $made->{status}, 201, 'an administrator makes a key';
my ($id, $new) = @{ $made->{json} }{qw(id key)};
is api(GET => $status, undef, key => $new)->{status}, 200, 'it opens at once';
my $listed = api(GET => '/api/keys');
ok scalar(grep { $_->{id} eq $id } @{ $listed->{json}{keys} }), 'it is listed';
unlike $listed->{body}, qr/secret|sha256|\Q@{[substr $new, 17]}\E/, 'without its secret';
is psql("select last_used_at is not null from mesh.api_key where id = '$id'"), 't',
    'its use is noted';
is_problem api(POST => '/api/keys', { name => 'x', role => 'client-viewer' }), 409, 'constraint',
    'a client-viewer\'s key needs its client';

# Every connection finds its own child: none of them may know the key longer.
my $agent = LWP::UserAgent->new(keep_alive => 0);
my $asked = sub { $agent->get(url($status), 'X-API-Key' => $new)->code };
is scalar(grep { $asked->() == 200 } 1 .. 40), 40, 'all children know the key';
is api(DELETE => "/api/keys/$id")->{status}, 204, 'it is revoked';
my ($revoked, $last) = (time, 0);
while (time < $revoked + 1.5) {
    my $at = time;
    $last = $at - $revoked if $asked->() == 200;
}
cmp_ok $last, '<=', 1, sprintf 'no child took it for more than a second (%.0f ms)', 1000 * $last;
is_problem api(DELETE => "/api/keys/$id"), 404, 'unknown_key', 'a key is revoked once';
