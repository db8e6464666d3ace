# Work that is put off: done once, tried again, given up, cancelled.

use strict;
use warnings FATAL => 'all';
use Mesh::Test tests => 36;

my $msp = tenant('Ostermark Systems');
my $key = key_for($msp);
my ($client) = psql("select id from mesh.client where msp_id = '$msp' and left_on is null limit 1");
my $predict = '/api/client-health/predict';
my $nobody = '00000000-0000-0000-0000-000000000000';

# A job that is put into the queue by hand; more => a column and its value.
sub put {
    my ($action, $input, %more) = @_;
    my $id = psql('select gen_random_uuid()');
    my %row = (id => $id, msp_id => $msp, agent => 'client-health', action => $action,
        input => $input, actor => 'test', role => 'service', %more);
    my @columns = sort keys %row;
    psql('insert into mesh.job (' . join(', ', @columns) . ') values ('
        . join(', ', map { "'$row{$_}'" } @columns) . ')');
    return $id;
}
sub job { api(GET => "/api/jobs/$_[0]", undef, key => $key)->{json} }
sub ended { wait_job($_[0], key => $key) }
sub row { psql("select $_[1] from mesh.job where id = '$_[0]'") }

# ---- Put off by the caller

my $now = api(POST => $predict, { client_id => $client }, key => $key)->{json};
my $answer = api(POST => $predict, { client_id => $client }, key => $key,
    prefer => 'respond-async');
is $answer->{status}, 202, 'who prefers to wait is answered at once';
is $answer->{json}{outcome}, 'queued', 'that it is queued';
my $id = $answer->{json}{job_id};
is $answer->{headers}->header('Location'), "/api/jobs/$id", 'and where';
is $answer->{json}{result_id}, undef, 'there is no result yet';
my $done = ended($id);
is $done->{state}, 'done', 'it is done';
is $done->{progress}, 1, 'wholly';
is_deeply [ @{ $done->{result} }{qw(churn_probability risk_factors survival)} ],
    [ @$now{qw(churn_probability risk_factors survival)} ],
        'with the answer it would have had at once';
is psql("select count(*) from mesh.agent_result where id = '$done->{result}{result_id}'"), 1,
    'which is stored';
is psql("select count(*) from mesh.event
    where data ->> 'result_id' = '$done->{result}{result_id}'"),
    1, 'and told, once';
is row($id, 'input'), '{}', 'what was asked is forgotten';
is scalar(grep { $_->{job_id} eq $id } @{ api(GET => '/api/jobs', undef,
    key => $key)->{json}{jobs} }),
    1, 'it is among the jobs';
is api(POST => $predict, { client_id => $client }, key => $key,
    prefer => 'respond-async, persist=none')->{status}, 200, 'a what-if is never put off';
is_problem api(POST => $predict, { client_id => 3 }, key => $key, prefer => 'respond-async'), 400,
    'wrong_type', '/client_id', 'nor is what cannot be right';
my $viewer = key_for($msp, role => 'viewer');
my $before = stored($msp);
is_problem api(POST => $predict, { client_id => $client }, key => $viewer,
    prefer => 'respond-async'), 403, 'wrong_scope', 'nor what is not allowed';
is stored($msp), $before, 'and no job is made of either';

# ---- What is wrong stays wrong

my $refused = put(predict => qq({"client_id":"$nobody"}));
is ended($refused)->{state}, 'failed', 'a job that is refused fails';
is job($refused)->{problem}{code}, 'unknown_client', 'and says why';
is row($refused, 'receives'), 1, 'it is not tried again';
is ended(put('no-such-action' => '{}'))->{problem}{code}, 'unknown_action',
    'nor one that nobody does';
is ended(put(predict => '[1,2]'))->{problem}{code}, 'wrong_type', 'nor one that is no request';
is ended(put(predict => '{"client_id":"x","zz":1}'))->{problem}{pointer}, '/zz',
    'and it says where';

# ---- What may get better is tried again

# A result that breaks the table's own rule is our mistake, whatever is tried.
my $trigger = "mesh_test_$$";
psql("create function mesh.$trigger() returns trigger language plpgsql as
    \$\$ begin if new.actor = 'poison' then raise exception 'broken'; end if; return new; end \$\$;
    create trigger $trigger before insert on mesh.agent_result for each row
    execute function mesh.$trigger(); grant execute on function mesh.$trigger() to mesh_app");
expect_log 'MESH2011';
my $poison = put(predict => qq({"client_id":"$client"}), actor => 'poison');
wait_for { row($poison, 'receives') == 1 && row($poison, 'state') eq 'queued' };
is job($poison)->{state}, 'queued', 'a job that broke something comes back';
is job($poison)->{problem}{code}, 'database_error', 'it tells what was broken';
unlike json_text(job($poison)), qr/broken/, 'but not in the database\'s own words';
my ($wait) = row($poison, 'extract(epoch from due_at - clock_timestamp())');
ok $wait > 0 && $wait <= 3, 'after two or three seconds';
psql("update mesh.job set due_at = now() where id = '$poison'");
wait_for { row($poison, 'receives') == 2 && row($poison, 'state') eq 'queued' };
($wait) = row($poison, 'extract(epoch from due_at - clock_timestamp())');
ok $wait > 3 && $wait <= 6, 'then after four or more';
psql("update mesh.job set due_at = now() where id = '$poison'");
is ended($poison)->{state}, 'dead', 'the third time it is dead';
is row($poison, 'receives'), 3, 'and tried no more';
is psql("select count(*) from mesh.agent_result where actor = 'poison'"),
    0, 'nothing of it is stored';
psql("drop trigger $trigger on mesh.agent_result; drop function mesh.$trigger()");

# ---- Cancelled

my $later = put(predict => qq({"client_id":"$client"}), due_at => '2099-01-01');
is api(DELETE => "/api/jobs/$later", undef, key => $key)->{json}{state}, 'cancelled',
    'a job that waits can be cancelled';
is_problem api(DELETE => "/api/jobs/$later", undef, key => $key), 409, 'not_cancellable',
    'once';
is_problem api(DELETE => "/api/jobs/$id", undef, key => $key), 409, 'not_cancellable',
    'and none that is done';
is_problem api(DELETE => "/api/jobs/$nobody", undef, key => $key), 404, 'unknown_job',
    'nor one that there is not';
is row($later, 'receives'), 0, 'nobody took it';

# ---- In order

my @order = map { put(predict => qq({"client_id":"$nobody"}), priority => $_,
    due_at => '2020-01-01') }
    (-9, 9);
ended($_) for @order;
is psql("select string_agg(priority::text, ' ' order by priority desc) from mesh.job where id in
    ('$order[0]', '$order[1]')"), '9 -9', 'both are done';
is row($order[0], 'state'), 'failed', 'the humblest too';
