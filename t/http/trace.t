# W3C Trace Context: every case of the published harness that a header shows.

use strict;
use warnings FATAL => 'all';
use JSON ();
use Mesh::Test;

my $file = data_dir('protocol/traceparent/w3c-trace-context-cases.json');
plan_tests 5 + ($file ? 0 : 1) + ($file ? @{ cases() } : 0);

sub cases {
    open my $cases, '<', $file or die $!;
    return JSON->new->utf8->decode(do { local $/; <$cases> });
}

# The traceparent of an answer to a request with these header lines.
sub answered {
    my (@headers) = @_;
    my $wire = wire();
    $wire->send(join "\r\n", 'GET /healthz HTTP/1.1', 'Host: x',
        (map { "$_->[0]: $_->[1]" } @headers),
        '', '');
    my $answer = $wire->answer or return '';
    return $answer->{headers}->header('traceparent') // '';
}

my $valid = qr/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
if ($file) {
    for my $case (@{ cases() }) {
        my @headers = @{ $case->{request_headers} };
        my $got = answered(@headers);
        my $given = join ' ', map { $_->[1] } grep { lc $_->[0] eq 'traceparent' } @headers;
        my ($trace) = $got =~ /^00-([0-9a-f]{32})/;
        my $accepts = $case->{harness_accepts}{trace_id} // 'either';
        my $want = $case->{expect}{trace_id};
        ok $got =~ $valid
            && ($accepts ne 'same' || $trace eq $want)
            && ($accepts ne 'new' || index($given, $trace) < 0)
            && (!$case->{expect}{not_parent_id} || index($got,
                "-$case->{expect}{not_parent_id}-") < 0),
            "$case->{id} $case->{harness_test}" or diag "$case->{doc}: $given -> $got";
    }
}
else {
    SKIP: { skip 'the cases of the W3C are not here (MSPMESH_DATA)', 1 }
}

my $trace = '4bf92f3577b34da6a3ce929d0e0e4736';
like answered([ traceparent => "00-$trace-00f067aa0ba902b7-01" ]),
    qr/^00-$trace-(?!00f067aa0ba902b7)\w{16}-01$/,
    'a trace goes on under a span of our own';
like answered([ traceparent => "00-$trace-00f067aa0ba902b7-00" ]), qr/-00$/,
    'unsampled stays unsampled';
like answered([ traceparent => "00-$trace-00f067aa0ba902b7-ff" ]), qr/-03$/,
    'flags that nobody knows are not passed on';
like answered([ traceparent => "cc-$trace-00f067aa0ba902b7-01-what-comes-later" ]), qr/^00-$trace-/,
    'a later version is read as far as it is known';
isnt answered(), answered(), 'without one each request begins its own';
