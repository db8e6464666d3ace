# Signing in and out, and what a session may do.

use strict;
use warnings FATAL => 'all';
use Digest::SHA qw(hmac_sha1);
use Mesh::Test tests => 51;
use Time::HiRes qw(time);

my $password = 'correct horse battery';
my $session = '/api/session';
my $origin = url();

# A person of Northgate, made as an administrator makes one.
sub person {
    my ($name, $role) = @_;
    my $email = "$name$$\@northgate.example";
    my $made = api(POST => '/api/users', { email => $email, name => ucfirst $name, role => $role,
        password => $password });
    return ($email, $made->{json}{id});
}

# RFC 6238 with HMAC-SHA-1: the code of a time.
sub totp {
    my ($secret, $time) = @_;
    my @mac = unpack 'C*', hmac_sha1(pack('Q>', int($time / 30)), $secret);
    my ($a, $b, $c, $d) = @mac[ ($mac[-1] & 15) .. ($mac[-1] & 15) + 3 ];
    return sprintf '%06d', (($a & 127) << 24 | $b << 16 | $c << 8 | $d) % 1_000_000;
}

sub enter { my %as = @_; api(POST => $session, \%as, key => 0) }

sub as_user { my ($cookie, $method, $path, $body, %headers) = @_;
    api($method => $path, $body, key => 0, headers => { Cookie => $cookie, %headers }) }

my ($email, $id) = person('ada', 'analyst');

# ---- In

my $answer = enter(email => $email, password => $password);
is $answer->{status}, 200, 'the right password signs in';
is_deeply { %{ $answer->{json}{user} }, id => 0 },
    { id => 0, name => 'Ada', email => $email, role => 'analyst' }, 'the answer says as whom';
is $answer->{json}{msp}{name}, 'Northgate IT Services', 'and for whom';
is $answer->{json}{today}, '2026-11-18', 'and which day it is';
my $set = $answer->{headers}->header('Set-Cookie');
like $set, qr/^mspmesh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=28800$/,
    'a developer\'s cookie is closed to scripts and other sites';
my ($cookie) = $set =~ /^([^;]+)/;
my ($token) = $cookie =~ /=(.*)/;
is psql("select count(*) from mesh.session where token_sha256 = sha256('$token')"), 1,
    'the token itself is not stored';
is scalar(grep { index($_, $token) >= 0 || index($_, $password) >= 0 } log_lines('')), 0,
    'nor logged, nor is the password';

my $wrong = enter(email => $email, password => 'wrong horse battery');
my $nobody = enter(email => "nobody$$\@northgate.example", password => $password);
is_problem $wrong, 401, 'bad_credentials', 'a wrong password does not';
is_problem $nobody, 401, 'bad_credentials', 'nor does an unknown address';
is $nobody->{json}{detail}, $wrong->{json}{detail}, 'in the same words';
is $wrong->{headers}->header('Set-Cookie'), undef, 'without a cookie';
is_problem enter(email => $email), 400, 'missing_member', '/password', 'nor no password';
is enter(email => uc $email, password => $password)->{status}, 200,
    'an address in capitals is the same';
is_problem enter(email => "$email' or 1=1 --", password => $password), 401, 'bad_credentials',
    'an address that quotes is only an address';

# ---- What it may do

is as_user($cookie, GET => $session)->{json}{user}{email}, $email, 'the session knows who it is';
is as_user("a=1; $cookie; b=2", GET => $session)->{status}, 200, 'among other cookies';
is as_user("x$cookie", GET => $session)->{status}, 401, 'but not one that only ends alike';
is as_user(substr($cookie, 0, -1), GET => $session)->{status}, 401, 'nor a shortened one';
is as_user($cookie, GET => '/api/keys')->{status}, 403, 'an analyst is no administrator';

my $who = { client_id => 'nobody' };
my $predict = '/api/client-health/predict';
for (
    [ 'no Origin', {}, 403 ], [ 'our own Origin', { Origin => $origin }, 404 ],
    [ 'another site\'s', { Origin => 'https://evil.example' }, 403 ],
    [ 'another port\'s', { Origin => 'http://127.0.0.1:1' }, 403 ],
    [ 'one that begins like ours', { Origin => "$origin.evil.example" }, 403 ],
    [ 'null', { Origin => 'null' }, 403 ],
    [ 'a browser that says same-origin', { 'Sec-Fetch-Site' => 'same-origin' }, 404 ],
    [ 'a browser that says cross-site', { 'Sec-Fetch-Site' => 'cross-site' }, 403 ],
    [ 'another Origin that says same-origin',
        { Origin => 'https://evil.example', 'Sec-Fetch-Site' => 'same-origin' }, 403 ],
) {
    my ($what, $headers, $status) = @$_;
    my $got = as_user($cookie, POST => $predict, $who, %$headers);
    is $got->{status}, $status, "with $what a change is " . ($status == 403 ? 'refused' : 'taken');
    is $got->{json}{code}, $status == 403 ? 'bad_origin' : 'unknown_client', 'for that reason';
}
is as_user($cookie, DELETE => $session)->{status}, 403, 'nobody is signed out by another site';
is as_user($cookie, GET => $predict =~ s/predict/clients/r, undef,
    Origin => 'https://evil.example')->{status}, 200, 'reading is for browsers to guard';

# ---- Second factor

my ($guarded, $guarded_id) = person('grace', 'admin');
my $secret = '12345678901234567890';
psql("update mesh.app_user set totp_secret = '$secret' where id = '$guarded_id'");
my @as = (email => $guarded, password => $password);
is_problem enter(@as), 401, 'code_required', 'who has a second factor is asked for it';
is_problem enter(email => $guarded, password => "x$password"), 401, 'bad_credentials',
    'but not before the first is right';
is_problem enter(@as, code => totp($secret, time - 300)), 401, 'bad_credentials',
    'an old code is wrong';
is_problem enter(@as, code => totp('another secret 12345', time)), 401, 'bad_credentials',
    'another\'s code too';
is_problem enter(@as, code => '12345'), 400, 'bad_format', '/code', 'five digits are none';
is enter(@as, code => totp($secret, time))->{status}, 200, 'the code of now opens';

# ---- Out

is as_user($cookie, DELETE => $session, undef, Origin => $origin)->{status}, 204,
    'signing out works';
my $gone = wait_for { as_user($cookie, GET => $session)->{status} == 401 } 2;
ok $gone, 'the session is gone within a second or so';

($cookie) = sign_in($email, $password);
is api(PATCH => "/api/users/$id", { disabled => JSON::true() })->{status}, 200, 'Ada is disabled';
my ($disabled, $last) = (time, 0);
while (time < $disabled + 1.5) {
    my $at = time;
    $last = $at - $disabled if as_user($cookie, GET => $session)->{status} == 200;
}
cmp_ok $last, '<=', 1, sprintf 'her session ends within a second (%.0f ms)', 1000 * $last;
is_problem enter(email => $email, password => $password), 401, 'bad_credentials',
    'and she cannot sign in again';
api(PATCH => "/api/users/$id", { disabled => JSON::false(), password => 'another horse battery' });
is enter(email => $email, password => 'another horse battery')->{status}, 200,
    'until she is let in, with a new password';
