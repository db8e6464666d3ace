package Mesh::Test;

# Everything a test of the server needs: one "use Mesh::Test tests => N".
#
# When the file ends, a line of level error or worse in the error log that the
# test did not announce with expect_log() fails it.  The server is t/check's,
# with its demo data; tenants() names who lives there.

use strict;
use warnings FATAL => 'all';

use Apache::Test qw(-withtestmore);
use Apache::TestRequest ();
use Apache::TestUtil qw(t_start_error_log_watch t_finish_error_log_watch);
use HTTP::Request ();
use JSON ();
use LWP::UserAgent ();
use Mesh::Database ();
use Mesh::Wire ();
use Time::HiRes qw(sleep time);
use base 'Exporter';

our @EXPORT = qw(
    api call_agent check_answer data_dir database expect_log fetch is_answer is_problem json_text
    key_for log_lines northgate plan_tests psql sign_in stored tenant url use_database use_server
    wait_for wait_job wire
);

my @expected;
my $json = JSON->new->utf8->canonical->allow_nonref;
my %keys;

sub import {
    my ($class, @plan) = @_;
    strict->import;
    warnings->import(FATAL => 'all');
    Test::More->export_to_level(1);
    plan_tests($plan[1]) if @plan;
    t_start_error_log_watch();
    $class->export_to_level(1);
}

# Where "use" cannot know how many there are: before the first.
sub plan_tests { Apache::Test::plan(tests => 1 + shift) }

# ---- The server

my ($hostport, $log) = (undef, "$ENV{MESH_TOP}/t/logs/error_log");

# From here on a server of this file's own is asked, a Mesh::Server.
sub use_server { my $server = shift; ($hostport, $log) = ($server->hostport, $server->{log}) }

sub hostport { $hostport // Apache::TestRequest::hostport() }

sub url { 'http://' . hostport() . (shift // '') }

# A connection to it, for what no client would send: see Mesh::Wire.
sub wire { Mesh::Wire->new(hostport()) }

# What the error log says of a text, such as a request id.
sub log_lines {
    my ($about) = @_;
    open my $file, '<', $log or return;
    return grep { index($_, $about) >= 0 } <$file>;
}

my $agent = LWP::UserAgent->new(keep_alive => 4, timeout => 60, max_redirect => 0);

# One request as it is; returns {status, headers, body, json}.
sub fetch {
    my ($method, $path, $headers, $body) = @_;
    my $request = HTTP::Request->new($method, url($path), [%{ $headers // {} }], $body);
    my $response = $agent->request($request);
    my $answer = {
        status => $response->code, headers => $response->headers, body => $response->content,
    };
    $answer->{json} = eval { $json->decode($response->content) }
        if ($response->header('Content-Type') // '') =~ m{^application/(?:[\w.]+\+)?json};
    return $answer;
}

# The same with a key, and a body that is a structure or a text.
#   api(POST => '/api/client-health/predict', { client_id => $id }, key => …, prefer => …)
sub api {
    my ($method, $path, $body, %more) = @_;
    my %headers = %{ $more{headers} // {} };
    $headers{'X-API-Key'} = $more{key} // key_for(northgate()) unless exists $more{key}
        && !$more{key};
    $headers{Prefer} = $more{prefer} if $more{prefer};
    if (defined $body) {
        $headers{'Content-Type'} //= 'application/json';
        $body = $json->encode($body) if ref $body;
    }
    return fetch($method, $path, \%headers, $body);
}

sub json_text { $json->encode(shift) }

# Wait up to 30 s until CODE is true; returns what it gave.
sub wait_for(&;$) {
    my ($code, $seconds) = @_;
    my $end = time + ($seconds // 30);
    my $got;
    sleep 0.05 until ($got = $code->()) || time > $end;
    return $got;
}

# ---- Who lives there

my @database;

sub database { $database[0] // Mesh::Database->running }

# From here on a database of this file's own is meant.
sub use_database { @database = @_; our $northgate = undef; %keys = () }

sub psql {
    my ($sql) = @_;
    my @rows = database()->value($database[1] // $ENV{MESH_DATABASE_NAME}, $sql);
    return wantarray ? @rows : $rows[0];
}

# How many rows a tenant has of all that a call may store.
sub stored {
    my ($msp) = @_;
    my @tables = qw(agent_result event job model client_health_score api_key app_user session);
    return scalar psql('select '
            . join ' + ', map { "(select count(*) from mesh.$_ where msp_id = '$msp')" } @tables);
}

# A job's end: what GET /api/jobs/{id} answers once it has one.
sub wait_job {
    my ($id, %more) = @_;
    my $job;
    wait_for {
        $job = api(GET => "/api/jobs/$id", undef, %more)->{json};
        ($job->{state} // 'queued') !~ /^(?:queued|running)$/;
    } 120;
    return $job;
}

# Public data that is not part of the tree; a test that needs it skips with
# a reason when it is not here, unless MESH_EXPECT names it.
sub data_dir {
    my ($below) = @_;
    my $dir = ($ENV{MSPMESH_DATA} // '/nowhere') . "/$below";
    return $dir if -e $dir;
    die "$dir is missing, and MESH_EXPECT asks for it\n"
        if ",@{[ $ENV{MESH_EXPECT} // '' ]}," =~ /,data,/;
    return;
}

sub tenant {
    my $name = shift =~ s/'/''/gr;
    return scalar psql("select id from mesh.msp where name = '$name'");
}

sub northgate { our $northgate //= tenant('Northgate IT Services') }

# A key of a tenant; made in the database, as an operator makes the first one.
#   key_for($msp, role => 'viewer', scopes => '{client-health:read}')
sub key_for {
    my ($msp, %more) = @_;
    my $role = $more{role} // 'admin';
    my $scopes = $more{scopes} // '{*}';
    my $client = $more{client_id} ? "'$more{client_id}'" : 'null';
    my $expires = $more{expires} ? "now() + interval '$more{expires}'" : 'null';
    my $name = "$msp/$role/$scopes/$client/$expires";
    return $keys{$name} //= do {
        my $id = join '', map { ('a' .. 'z', 0 .. 9)[rand 36] } 1 .. 12;
        my $secret = join '', map { ('a' .. 'z', 'A' .. 'Z', 0 .. 9)[rand 62] } 1 .. 43;
        psql("insert into mesh.api_key (id, msp_id, name, secret_sha256, role, scopes, client_id,
              expires_at) values ('$id', '$msp', 'test', sha256('$secret'), '$role', '$scopes',
              $client, $expires)");
        "msk_${id}_$secret";
    };
}

# A session's cookie.
sub sign_in {
    my ($email, $password) = @_;
    my $answer = api(POST => '/api/session', { email => $email, password => $password }, key => 0);
    my ($cookie) = ($answer->{headers}->header('Set-Cookie') // '') =~ /^([^;]+)/;
    return $cookie;
}

# ---- What is right

sub call_agent {
    my ($name, $action, $args, %more) = @_;
    return check_answer($name, $action, api(POST => "/api/$name/$action", $args, %more));
}

my $catalogue;

# An answer must be what the agent says of itself: no test repeats the schema.
sub check_answer {
    my ($name, $action, $answer) = @_;
    return $answer unless $answer->{status} =~ /^2/ && $answer->{json};
    $catalogue //= api(GET => '/api/agents')->{json}{agents};
    my ($agent_row) = grep { $_->{name} eq $name } @$catalogue;
    my ($row) = grep { $_->{name} eq $action } @{ $agent_row->{actions} };
    my $why = _fault($answer->{json}, $row->{output}, '');
    Test::More::diag("$name $action answers what it does not declare: $why") if $why;
    $answer->{undeclared} = $why;
    return $answer;
}

sub is_answer {
    my ($got, $want, $name) = @_;
    my %seen = map { $_ => $got->{json}{$_} } keys %$want;
    Test::More::ok($got->{status} =~ /^20[0-2]$/ && !$got->{undeclared}
            && $json->encode(\%seen) eq $json->encode($want), $name)
        or Test::More::diag(Test::More::explain([ $got->{status}, \%seen ]));
}

# A problem of STATUS and CODE, as RFC 9457 has it; POINTER where there is one.
sub is_problem {
    my ($got, $status, $code, $pointer, $name) = @_;
    ($pointer, $name) = (undef, $pointer) if @_ == 4;
    my $p = $got->{json} // {};
    my $at = eval { $p->{errors}[0]{pointer} };
    Test::More::ok($got->{status} == $status
            && ($got->{headers}->header('Content-Type') // '') eq 'application/problem+json'
            && ($p->{code} // '') eq $code && ($p->{status} // 0) == $status
            && $p->{error}{code} eq $code && length($p->{detail} // '') && $p->{request_id}
            && (!defined $pointer || ($at // '') eq $pointer), $name)
        or Test::More::diag(Test::More::explain([ $got->{status}, $got->{body} ]));
}

sub expect_log { push @expected, @_ }

# The part of JSON Schema that descriptors use; a sentence, or nothing.
sub _fault {
    my ($value, $schema, $at) = @_;
    my %is = (
        object => sub { ref $_[0] eq 'HASH' }, array => sub { ref $_[0] eq 'ARRAY' },
        null => sub { !defined $_[0] }, boolean => sub { JSON::is_bool($_[0]) },
        string => sub { defined $_[0] && !ref $_[0] },
        number => sub { defined $_[0] && !ref $_[0] && $_[0] =~ /^-?[\d.]+(?:e[-+]?\d+)?$/i },
        integer => sub { defined $_[0] && !ref $_[0] && $_[0] =~ /^-?\d+$/ },
    );
    if (my $type = $schema->{type}) {
        my @types = ref $type ? @$type : $type;
        return "$at is not a " . join ' or ', @types unless grep { $is{$_}->($value) } @types;
    }
    return "$at is not one of @{$schema->{enum}}"
        if $schema->{enum} && defined $value
        && !grep { defined && $_ eq $value } @{ $schema->{enum} };
    return "$at is out of bounds"
        if defined $value && !ref $value
        && (defined $schema->{minimum} && $value < $schema->{minimum}
            || defined $schema->{maximum} && $value > $schema->{maximum});
    if (ref $value eq 'HASH') {
        my $members = $schema->{properties} // {};
        defined $value->{$_} || exists $value->{$_} || return "$at/$_ is missing"
            for @{ $schema->{required} // [] };
        for my $name (sort keys %$value) {
            my $inner = $members->{$name} // $schema->{additionalProperties};
            next if !defined $inner || (JSON::is_bool($inner) && $inner);
            return "$at/$name is not declared" if JSON::is_bool($inner);
            my $why = _fault($value->{$name}, $inner, "$at/$name");
            return $why if $why;
        }
    }
    elsif (ref $value eq 'ARRAY' && $schema->{items}) {
        for my $i (0 .. $#$value) {
            my $why = _fault($value->[$i], $schema->{items}, "$at/$i");
            return $why if $why;
        }
    }
    return;
}

END {
    my $known = join '|', map { quotemeta } @expected;
    my $fault = qr/:(?:emerg|alert|crit|error)\]|ERROR:\ \w+Sanitizer|runtime\ error:|CHECK\ failed
        |exit\ signal/x;
    my @bad = grep { $_ =~ $fault
                     && !($known && /\b(?:$known)\b/) } t_finish_error_log_watch();
    push @bad, Mesh::Server::stop_all() if Mesh::Server->can('stop_all');
    Test::More::is(join('', @bad), '', 'the error log has nothing we did not expect');
}

1;
