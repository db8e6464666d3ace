# Client health: learning from tables, and what is told of a model.

use strict;
use warnings FATAL => 'all';
use List::Util qw(sum);
use Mesh::Test;

my $msp = tenant('Ferrowick IT');
my $key = key_for($msp);
my $models = '/api/client-health/models';
plan_tests 56;

sub train { my $in = shift; call_agent('client-health', 'train', $in, key => $key, @_) }
sub predict { call_agent('client-health', 'predict', shift, key => $key) }
sub model { api(GET => "$models/$_[0]", undef, key => $key)->{json} }

# Train and wait; returns the model as it is told, and the answer to training.
sub trained {
    my ($in) = @_;
    my $answer = train($in);
    wait_job($answer->{json}{job_id}, key => $key) if $answer->{status} == 202;
    return (model($in->{model}), $answer);
}

# A table by rule: who is older and on a short contract leaves more often.
# Every figure is the same wherever this runs.
my @table;
for my $i (1 .. 600) {
    my $dice = ($i * 7919 % 1000) / 1000;
    my $age = ($i * 37 % 53) + 18;
    my $contract = qw(month year two)[ $i * 11 % 3 ];
    my $p = 1 / (1 + exp(-(($age - 44) / 10 + ($contract eq 'month' ? 1.5 : -1))));
    push @table, { id => "c$i", age => $age, contract => $contract,
        mood => $i % 5 ? $i % 7 : undef, left => $dice < $p ? 'yes' : 'no' };
}
my @columns = qw(id age contract mood left);
my $csv = join "\n", join(',', @columns), map { my $row = $_;
    join ',', map { $row->{$_} // '' } @columns } @table;

# ---- From rows

my ($model, $answer) = trained({ model => 'rows', target => 'left', positive => 'yes', id => 'id',
    rows => \@table });
is $answer->{status}, 202, 'training is queued';
ok !$answer->{undeclared}, 'and answered as the catalogue declares';
is $answer->{json}{outcome}, 'queued', 'it says so';
is $answer->{headers}->header('Location'), "/api/jobs/$answer->{json}{job_id}", 'and where to look';
is $answer->{json}{version}, 1, 'it is the first of its name';
is $answer->{json}{rows}, 600, 'over all rows';
is_deeply $answer->{json}{ignored}, ['id'], 'the id is not learned from';
is $model->{state}, 'ready', 'the model becomes ready';
is $model->{algorithm}, 'logistic', 'by a learner that is named';
is $model->{positives}, scalar(grep { $_->{left} eq 'yes' } @table), 'who left is counted';
is $model->{positive}, 'yes', 'as who was to be predicted';
for my $figure (qw(auc_cv auc_holdout)) {
    cmp_ok $model->{$figure}, '>', 0.7, "$figure shows that something was learned";
    cmp_ok $model->{$figure}, '<=', 1, "and $figure is a share";
}
cmp_ok $model->{brier}, '<', 0.25, 'it is better than a coin';
cmp_ok $model->{ece}, '<', 0.2, 'and roughly calibrated';
cmp_ok $model->{lift10}, '>', 1, 'its first tenth holds more leavers than chance';
is sum(map { $_->{n} } @{ $model->{calibration}{bins} }), $model->{calibration}{n},
    'the calibration is of all rows held out';
is_deeply { map { $_->{name} => $_->{kind} } @{ $model->{features} } },
    { age => 'number', contract => 'category', mood => 'number' },
        'columns have the kinds they look';
is_deeply $model->{leak_warnings}, [], 'nothing gives the target away';
ok !exists $model->{artefact}, 'what it learned is not shown';

# ---- What it says

my $said = predict({ model => 'rows', rows => [
    { id => 'x', age => 70, contract => 'month', mood => 3, left => 'no', shoe => 44 },
    { id => 'y', age => 20, contract => 'two', mood => undef },
    { id => 'z', age => '20.0', contract => 'two' },
    { id => 'w', age => 20, contract => 'never seen' } ] })->{json};
my @of = @{ $said->{results} };
cmp_ok $of[0]{churn_probability}, '>', $of[1]{churn_probability} + 0.3, 'the rule was learned';
is_deeply [ map { $_->{id} } @of ], [qw(x y z w)], 'rows keep their ids';
is_deeply [ sort @{ $said->{ignored} } ], [qw(id left shoe)],
    'id, target and unknown columns are ignored, by name';
is $of[2]{churn_probability}, $of[1]{churn_probability},
    'null and absent are the same, and 20 and "20.0"';
for (@of) {
    my $p = $_->{churn_probability};
    cmp_ok abs(log($p / (1 - $p)) - sum map { $_->{contribution} } @{ $_->{risk_factors} }), '<',
        1e-6,
        'the factors sum to the log-odds';
}

# ---- The same as CSV, and again

my ($same) = trained({ model => 'csv', target => 'left', positive => 'yes', id => 'id',
    csv => $csv });
is_deeply [ @$same{qw(auc_cv auc_holdout brier ece lift10 rows)} ],
    [ @$model{qw(auc_cv auc_holdout brier ece lift10 rows)} ],
        'the same table as CSV is the same model';
is_deeply $same->{features}, $model->{features}, 'with the same weights';
my ($guessed) = trained({ model => 'guessed', target => 'left', csv => $csv });
is $guessed->{positive}, 'yes', 'of yes and no, yes is what is predicted';

my ($second) = trained({ model => 'rows', target => 'left', positive => 'no', id => 'id',
    exclude => ['age'], rows => \@table });
is $second->{version}, 2, 'a second training is a second version';
is_deeply [ sort map { $_->{name} } @{ $second->{features} } ], [qw(contract mood)],
    'without the column that was excluded';
my $now = predict({ model => 'rows', rows => [ { age => 70, contract => 'month' } ] })->{json};
is $now->{model_version}, 2, 'the newest serves at once';
is_deeply $now->{ignored}, ['age'], 'as it learned';
is psql("select string_agg(state, ' ' order by version) from mesh.model where msp_id = '$msp'
    and name = 'rows'"), 'retired active', 'and the older is kept';
my ($listed) = grep { $_->{name} eq 'rows' } @{ api(GET => $models, undef,
    key => $key)->{json}{models} };
is $listed->{version}, 2, 'the list shows the newest';
ok !exists $listed->{features}, 'in short';

# ---- Leaks

my @leaky = map { { %$_, churned => $_->{left} eq 'yes' ? 1 : 0 } } @table;
my ($leak) = trained({ model => 'leak', target => 'left', id => 'id', rows => \@leaky });
is_deeply [ map { $_->{column} } @{ $leak->{leak_warnings} } ], ['churned'],
    'a column that copies the target is reported';
ok $leak->{leak_warnings}[0]{dropped}, 'and dropped';
cmp_ok $leak->{leak_warnings}[0]{auc}, '>', 0.98, 'with what it gives away';
is scalar(grep { $_->{name} eq 'churned' } @{ $leak->{features} }), 0,
    'nothing was learned from it';
my ($forced) = trained({ model => 'forced', target => 'left', id => 'id', rows => \@leaky,
    force => ['churned'] });
ok !$forced->{leak_warnings}[0]{dropped}, 'who insists keeps it';
cmp_ok $forced->{auc_holdout}, '>', 0.98, 'and gets what that is worth';

# ---- A training that fails

my $failing = train({ model => 'failing', target => 'left', id => 'id', rows => \@table })->{json};
is api(DELETE => "/api/jobs/$failing->{job_id}", undef, key => $key)->{json}{state}
    // wait_job($failing->{job_id}, key => $key)->{state}, 'cancelled',
        'a training can be cancelled';
is model('failing')->{state}, 'failed', 'then its model has failed';
is model('failing')->{problem}{code}, 'cancelled', 'and says why';
is_problem predict({ model => 'failing', rows => [ { age => 1 } ] }), 404, 'unknown_model',
    '/model',
    'and says nothing';
is_problem api(GET => "$models/none", undef, key => $key), 404, 'unknown_model',
    'no model is not told';

# ---- History

my $history = train({ from => 'history' })->{json};
is_deeply [ @$history{qw(model state outcome)} ], [qw(clients training queued)],
    'history is learned from';
is wait_job($history->{job_id}, key => $key)->{state}, 'done', 'as a job';
my $poor = key_for(tenant('Wexcombe Cloud'));
my $job = wait_job(api(POST => '/api/client-health/train', { from => 'history' }, key => $poor)
    ->{json}{job_id}, key => $poor);
is $job->{result}{outcome}, 'insufficient_data', 'who has none is told so';
is_deeply [ $job->{result}{have}{leavers}, $job->{result}{need}{leavers} ], [ 0, 5 ],
    'and how much is missing';
is psql("select count(*) from mesh.event where msp_id = '$msp' and type = 'client.health.trained'
    and data ->> 'model' = 'rows'"), 2, 'each training is an event';
