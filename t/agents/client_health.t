# Client health: predictions, of stored clients, of figures, and of rows.

use strict;
use warnings FATAL => 'all';
use List::Util qw(sum max);
use Mesh::Test;

my $msp = northgate();
my ($client) = psql("select id from mesh.client where msp_id = '$msp' and left_on is null
    order by name limit 1");

sub predict { my ($args, %more) = @_; call_agent('client-health', 'predict', $args, %more) }
sub log_odds { my $p = shift; log($p / (1 - $p)) }
sub total { sum map { $_->{contribution} } @{ $_[0]{risk_factors} } }

# What may differ between two equal calls.
sub lasting {
    my %answer = %{ $_[0] };
    delete @answer{qw(meta result_id timestamp)};
    return json_text(\%answer);
}

plan_tests 68;

# ---- A stored client

my $answer = predict({ client_id => $client });
my $of = $answer->{json};
ok !$answer->{undeclared}, 'the answer is what the catalogue declares';
is $of->{client_id}, $client, 'it is about the client that was asked for';
is $of->{outcome}, 'ok', 'its history is enough';
cmp_ok abs(total($of) - log_odds($of->{churn_probability})), '<', 1e-6,
    'the factors sum to the log-odds';
cmp_ok abs($of->{health_score} + $of->{churn_probability} - 1), '<', 1e-9,
    'health is one minus the probability to leave';
is $of->{churn_risk}, $of->{churn_probability}, 'also under its old name';
my $band = $of->{churn_probability} > .65 ? 1 : $of->{churn_probability} > .45 ? 2
    : $of->{churn_probability} > .25 ? 3 : 4;
is $of->{priority}, $band, 'the priority follows from it';
is $of->{risk_level}, (qw(Critical High Medium Low))[ $band - 1 ], 'so does the level';
cmp_ok abs($of->{revenue_at_risk} - $of->{monthly_revenue} * $of->{churn_probability}), '<', 0.01,
    'what is at risk is revenue times probability';
my %p = map { $_->{day} => $_->{p} } @{ $of->{survival} };
cmp_ok abs($p{90} - (1 - $of->{churn_probability})), '<', 1e-4,
    'the curve passes the model\'s own 90 days';
is join(',', sort { $b <=> $a } values %p), join(',', map { $p{$_} } sort { $a <=> $b } keys %p),
    'and never rises';
is scalar(grep { $_->{min} < $_->{max} } @{ $of->{inputs} }), 18,
    'it tells what a what-if may change';
cmp_ok abs(sum(values %{ $of->{feature_importance} }) - 1), '<', 1e-3, 'the shares are of a whole';
is lasting(predict({ client_id => $client })->{json}), lasting($of), 'asked again it says the same';
is lasting(predict({ client_id => $client }, prefer => 'persist=none')->{json}), lasting($of),
    'kept or not';
is lasting({ %{ api(GET => "/api/client-health/clients/$client")->{json} } }), lasting($of),
    'and so says its page';
is_problem predict({ client_id => '00000000-0000-0000-0000-000000000000' }), 404, 'unknown_client',
    '/client_id', 'nobody is no client';
is_problem predict({ client_id => 'Harbour Dental' }), 404, 'unknown_client', '/client_id',
    'a name is no id';
my ($left) = psql("select id from mesh.client where msp_id = '$msp'
    and left_on < '2026-11-18' limit 1");
is_problem predict({ client_id => $left }), 404, 'unknown_client', '/client_id',
    'who has left has no risk to leave';

# ---- What if

my ($worst) = grep { $_->{name} eq 'satisfaction_90d' } @{ $of->{inputs} };
my $what_if = predict({ client_id => $client, what_if => { satisfaction_90d => $worst->{min} } },
    prefer => 'persist=none');
cmp_ok $what_if->{json}{churn_probability}, '>', $of->{churn_probability},
    'an unhappy client is more likely to leave';
my ($factor) = grep { $_->{feature} eq 'satisfaction_90d' } @{ $what_if->{json}{risk_factors} };
is $factor->{value}, $worst->{min}, 'the factor shows the changed value';
ok scalar(grep { $_->{rule} eq 'satisfaction_90d' } @{ $what_if->{json}{intervention_plan} }),
    'the rule for it fires';
is $what_if->{json}{result_id}, undef, 'nothing is stored of it';
is predict({ client_id => $client })->{json}{churn_probability}, $of->{churn_probability},
    'and the client is as before';
is_problem predict({ client_id => $client, what_if => { satisfaction_90d => 11 } }), 400,
    'out_of_range', '/what_if/satisfaction_90d', 'eleven of ten is refused';
is_problem predict({ client_id => $client, what_if => { 'a/b' => 1 } }), 400, 'unknown_member',
    '/what_if/a~1b', 'so is a sign that there is not';

# ---- Three figures, as the prototypes asked

my %figures = (ticket_volume => 12, resolution_time => 6.5, satisfaction_score => 7);
my $seed = predict({ client_id => 'any label', %figures })->{json};
is $seed->{client_id}, 'any label', 'the client is a free label then';
is $seed->{model_used}, 'clients-seed', 'answered by the model of three figures';
cmp_ok abs(total($seed) - log_odds($seed->{churn_probability})), '<', 1e-6, 'which sums up too';
is_deeply [ sort map { $_->{feature} } @{ $seed->{risk_factors} } ], [ sort 'base_rate',
    keys %figures ],
    'over exactly these three';
is $seed->{predictions}{estimated_monthly_value}, undef, 'no revenue is made up';
is $seed->{revenue_at_risk}, undef, 'and none is at risk';
for my $path (map { ("$_/client-health", "$_/client-health/predict") } '', '/api') {
    is lasting(api(POST => $path, { client_id => 'any label', %figures })->{json}), lasting($seed),
        "$path answers alike";
}
is_problem predict({ %figures, satisfaction_score => 0 }), 400, 'out_of_range',
    '/satisfaction_score',
    'a satisfaction of nought is out of its scale';

# ---- Rows for a named model

my @signs = map { $_->{name} } @{ $of->{inputs} };
my %row = map { $_->{name} => $_->{value} } @{ $of->{inputs} };
my $rows = predict({ model => 'clients', rows => [ \%row, { $signs[1] => 0 }, { %row,
    colour => 'red' } ] });
my @results = @{ $rows->{json}{results} };
is scalar(@results), 3, 'each row has its answer';
cmp_ok abs($results[0]{churn_probability} - $of->{churn_probability}), '<', 1e-3,
    'a client\'s own signs give its own risk';
is_deeply $rows->{json}{ignored}, ['colour'], 'a column that the model does not know is named';
is $results[2]{churn_probability}, $results[0]{churn_probability}, 'and changes nothing';
for my $result (@results) {
    cmp_ok abs(total($result) - log_odds($result->{churn_probability})), '<', 1e-6,
        'the factors of a row sum to its log-odds';
}
my ($missing) = grep { $_->{feature} eq $signs[0] } @{ $results[1]{risk_factors} };
is $missing->{value}, undef, 'what is missing is null, not nought';

my @spellings = (7, '7', '7.0', ' 7 ', '7e0');
my $same = predict({ model => 'clients', rows => [ map { { tickets_30d => $_ } } @spellings ] });
is scalar(keys %{ { map { $_->{churn_probability} => 1 } @{ $same->{json}{results} } } }), 1,
    'a number is itself however it is written';
is predict({ model => 'clients', rows => [ ({ tickets_30d => 1 }) x 1001 ] })
    ->{json}{results}[0]{risk_factors}, undef,
    'over a thousand rows reasons are told only if asked for';
ok predict({ model => 'clients', explain => JSON::true(),
    rows => [ ({ tickets_30d => 1 }) x 1001 ] })
    ->{json}{results}[1000]{risk_factors}, 'as they can be';
is_problem predict({ model => 'none-such', rows => [ { a => 1 } ] }), 404, 'unknown_model',
    '/model',
    'an unknown model is not guessed';
is_problem predict({ model => 'clients', rows => [ { tickets_30d => 'a' } ] }), 400, 'bad_cell',
    '/rows/0/tickets_30d', 'a word is no number';

# ---- Batches

my $batch = predict({ items => [ { id => 'a', client_id => $client }, { id => 7, client_id => 'x' },
    { id => 'c', %figures }, { id => 'd', nonsense => 1 }, 3 ] });
is $batch->{status}, 200, 'a batch with bad items is answered';
my @items = @{ $batch->{json}{results} };
is_deeply [ map { $_->{id} } @items ], [ 'a', 7, 'c', 'd', undef ], 'in order, each with its id';
is $items[0]{churn_probability}, $of->{churn_probability}, 'the good as if asked alone';
is_deeply [ map { $_->{error}{code} } @items ],
    [ undef, 'unknown_client', undef, 'unknown_member', 'wrong_type' ], 'the bad with their errors';
my $id = $batch->{json}{result_id};
is psql("select count(*) from mesh.agent_result where id = '$id'"), 1, 'one result is stored';
is psql("select data ->> 'count' || '/' || (data ->> 'errors') from mesh.event
    where data ->> 'result_id' = '$id'"), '5/3', 'and one event, which counts';
is scalar(@{ predict({ items => [ ({%figures}) x 10_000 ] })->{json}{results} }), 10_000,
    'ten thousand items are answered';

# ---- All clients

my $list = check_answer('client-health', 'clients',
    api(GET => '/api/client-health/clients?limit=1000'));
ok !$list->{undeclared}, 'the list is what the catalogue declares';
my @all = @{ $list->{json}{clients} };
is scalar(@all), $list->{json}{total}, 'it has all clients';
my @risks = map { $_->{revenue_at_risk} // -1 } @all;
is join(' ', @risks), join(' ', sort { $b <=> $a } @risks), 'those with most at risk first';
my ($listed) = grep { $_->{client_id} eq $client } @all;
is $listed->{churn_probability}, $of->{churn_probability}, 'each as asked alone';
my $second = api(GET => '/api/client-health/clients?limit=10&offset=10&sort=name')->{json};
my @names = sort { lc $a cmp lc $b } map { $_->{name} } @all;
is $second->{total}, scalar(@all), 'a page knows of the others';
is scalar(@{ $second->{clients} }), 10, 'and has its ten';
is api(GET => '/api/client-health/clients?q=ZZZZZZ')->{json}{total}, 0,
    'who is not there is not found';

# ---- A provider without history

my $none = key_for(tenant('Wexcombe Cloud'));
for my $args (\%figures, { client_id => psql("select id from mesh.client where msp_id =
    '@{[tenant('Wexcombe Cloud')]}' and left_on is null limit 1") }) {
    my $unknown = predict($args, key => $none)->{json};
    is_deeply [ @$unknown{qw(outcome churn_probability health_score risk_level model_used)} ],
        [ 'insufficient_data', undef, undef, undef, undef ], 'without history nothing is made up';
    cmp_ok $unknown->{insufficient}{have}{leavers}, '<', $unknown->{insufficient}{need}{leavers},
        'and it says what is missing';
}
