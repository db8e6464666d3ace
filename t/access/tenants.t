# Nobody crosses the border between two providers, whatever is asked for.

use strict;
use warnings FATAL => 'all';
use Mesh::Test;

my $own = tenant('Ferrowick IT');
my $other = tenant('Ostermark Systems');
my ($key, $their_key) = map { key_for($_) } $own, $other;
plan_tests 44;

# What the other provider has: all of it is found by its own people.
my $client = psql("select id from mesh.client where msp_id = '$other' and left_on is null limit 1");
my $rows = [ map { { a => $_ * 7 % 31, y => $_ % 2 } } 1 .. 100 ];
my $training = api(POST => '/api/client-health/train',
    { model => 'secret-sauce', target => 'y', rows => $rows }, key => $their_key)->{json};
my $job = $training->{job_id};
is wait_job($job, key => $their_key)->{state}, 'done', 'the other provider trains a model';
api(POST => '/api/client-health/predict', { client_id => $client }, key => $their_key);
my $user = api(POST => '/api/users', { email => "x$$\@ostermark.example", name => 'X',
    role => 'viewer', password => 'correct horse battery' }, key => $their_key)->{json}{id};
my $key_id = substr $their_key, 4, 12;

# What is asked for, and what is answered to both.
my @border = (
    [ 'a client', GET => "/api/client-health/clients/$client", undef, 404, 200 ],
    [ 'its prediction', POST => '/api/client-health/predict', { client_id => $client }, 404, 200 ],
    [ 'a what-if of it', POST => '/api/client-health/predict',
        { client_id => $client, what_if => { tickets_30d => 1 } }, 404, 200 ],
    [ 'a model', GET => '/api/client-health/models/secret-sauce', undef, 404, 200 ],
    [ 'what a model says', POST => '/api/client-health/predict',
        { model => 'secret-sauce', rows => [ { a => 1 } ] }, 404, 200 ],
    [ 'a job', GET => "/api/jobs/$job", undef, 404, 200 ],
    [ 'an end to a job', DELETE => "/api/jobs/$job", undef, 404, 409 ],
    [ 'a user\'s name', PATCH => "/api/users/$user", { name => 'Y' }, 404, 200 ],
    [ 'a user\'s role', PATCH => "/api/users/$user", { role => 'admin' }, 404, 200 ],
    [ 'an end to a key', DELETE => "/api/keys/$key_id", undef, 404, 204 ],
);

# A list, its member, and what the other has in it.
my @lists = (
    [ '/api/client-health/clients?limit=1000', 'clients', 'client_id', $client ],
    [ '/api/client-health/models', 'models', 'name', 'secret-sauce' ],
    [ '/api/jobs?limit=1000', 'jobs', 'job_id', $job ],
    [ '/api/events?limit=1000', 'events', 'client_id', $client ],
    [ '/api/events?limit=1000&after=0-00000000-0000-0000-0000-000000000000', 'events', 'client_id',
        $client ],
    [ '/api/users', 'users', 'id', $user ],
    [ '/api/keys', 'keys', 'id', $key_id ],
);
sub has {
    my ($row, $key) = @_;
    my ($path, $list, $member, $value) = @$row;
    my $all = api(GET => $path, undef, key => $key)->{json}{$list} // [];
    return scalar grep { ($_->{$member} // '') eq $value } @$all;
}
for (@lists) {
    ok has($_, $their_key), "$_->[0] shows the own";
    ok !has($_, $key), 'and nothing of others';
}
my $before = stored($other);
for (@border) {
    my ($what, $method, $path, $body, $status) = @$_;
    is api($method => $path, $body, key => $key)->{status}, $status, "$what is not to be had";
}
is stored($other), $before, 'nothing came of it';
for (@border) {
    my ($what, $method, $path, $body, $theirs, $status) = @$_;
    is api($method => $path, $body, key => $their_key)->{status}, $status, "though $what exists";
}

# The same name twice is two models.
my $same = api(POST => '/api/client-health/train',
    { model => 'secret-sauce', target => 'y', rows => $rows }, key => $key)->{json};
is $same->{version}, 1, 'a name that the other took is free';
is wait_job($same->{job_id}, key => $key)->{state}, 'done', 'and trained for oneself';

# What is written is the own tenant's, and rows cannot name another.
my $answer = api(POST => '/api/client-health/predict', { client_id => psql(
    "select id from mesh.client where msp_id = '$own' and left_on is null limit 1") }, key => $key);
my $result = $answer->{json}{result_id};
is psql("select msp_id from mesh.agent_result where id = '$result'"), $own,
    'a result belongs to who asked';
is psql("select msp_id from mesh.event where data ->> 'result_id' = '$result'"), $own,
    'so does its event';
is_problem api(POST => '/api/users', { email => "z$$\@ferrowick.example", name => 'Z',
    role => 'client-viewer', client_id => $client }, key => $key), 409, 'constraint',
    'nobody is bound to another provider\'s client';
is_problem api(POST => '/api/keys', { name => 'Z', role => 'client-viewer', client_id => $client },
    key => $key), 409, 'constraint', 'nor is a key';
is_problem api(POST => '/api/users', { email => "x$$\@ostermark.example", name => 'X',
    role => 'viewer' }, key => $key), 409, 'already_exists', 'an address is one person\'s';
is_problem api(POST => '/api/client-health/predict', { client_id => $client,
    msp_id => $other }, key => $key), 400, 'unknown_member', '/msp_id', 'and no tenant can be sent';
