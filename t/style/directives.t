# Every directive is explained in conf/mspmesh.conf, and as it really is.
#
# An entry there, and the row in mod_mspmesh/httpd/config.c it belongs to:
#
#   # MspMeshWorkers <number>
#   # Default: 2    Context: server
#   #
#   # Job threads in each child.
#   #MspMeshWorkers 2
#
#   INT("MspMeshWorkers", workers, "2", 0, 64, GLOBAL, "<number>", "Job threads ...")

use strict;
use warnings FATAL => 'all';

use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Tree;

my ($source, $reference) = qw(mod_mspmesh/httpd/config.c conf/mspmesh.conf);
my %context = (GLOBAL => 'server', SERVER => 'server, virtual host');
my %arguments = (STRING => 6, FLAG => 6, INT => 8, DURATION => 8, SIZE => 8, CHOICE => 6);

# The arguments of a call, from just behind its bracket; undef if it never ends.
sub arguments {
    my ($code, $from) = @_;
    my ($depth, @arguments) = (0, '');

    pos($code) = $from;
    while ($code =~ /\G("(?:[^"\\]|\\.)*"|.)/gs) {
        my $token = $1;
        if ($depth == 0 && $token eq ')') {
            return map { s/^\s+|\s+$//gr } @arguments;
        }
        $depth++ if $token =~ /^[({\[]$/;
        $depth-- if $token =~ /^[)}\]]$/;
        if ($depth == 0 && $token eq ',') {
            push @arguments, '';
            next;
        }
        $arguments[-1] .= $token;
    }
    return;
}

# "a" "b" => ab; anything that is no literal => undef.
sub literal {
    my ($text) = @_;

    return if $text !~ /^(?:"(?:[^"\\]|\\.)*"\s*)+$/s;
    my $joined = join '', $text =~ /"((?:[^"\\]|\\.)*)"/gs;
    return $joined =~ s/\\(.)/$1/gsr;
}

sub rows {
    my ($code) = @_;
    my (%row, @wrong);

    $code =~ s{^([ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*)}{$1 =~ s/[^\n]/ /gr}gem;
    while ($code =~ /\b(STRING|FLAG|INT|DURATION|SIZE|CHOICE|AP_INIT_\w+)\s*\((?=\s*")/g) {
        my ($kind, $from) = ($1, $+[0]);
        my $line = 1 + (substr($code, 0, $-[0]) =~ tr/\n//);
        my @args = arguments($code, $from);
        my $name = @args ? literal($args[0]) : undef;

        if (!defined $name || $name !~ /^MspMesh\w*$/) {
            push @wrong, "$source:$line: a row without a name that begins with MspMesh";
            next;
        }
        push @wrong, "$source:$line: $name has a second row" if $row{$name};
        $row{$name} = { line => $line, kind => $kind };
        next if $kind =~ /^AP_INIT/;
        if ($kind eq 'CHOICE' ? @args < 6 : @args != $arguments{$kind}) {
            push @wrong, "$source:$line: $name: $kind takes $arguments{$kind} arguments";
            next;
        }
        my ($default, $context, $syntax, $help) = @args[2, -3, -2, -1];
        $row{$name}{default} = $default eq 'NULL' ? undef : literal($default);
        push @wrong, "$source:$line: $name: the default is neither a text nor NULL"
            if $default ne 'NULL' && !defined literal($default);
        push @wrong, "$source:$line: $name: the context is neither GLOBAL nor SERVER"
            if !$context{$context};
        push @wrong, "$source:$line: $name: syntax and help must be texts"
            if !literal($syntax) || !literal($help);
        @{ $row{$name} }{qw(context syntax is_row)}
            = ($context{$context} // '', literal($syntax) // '', 1);
        if ($kind eq 'INT' && "@args[3, 4]" =~ /^(-?\d+) (-?\d+)$/) {
            my ($min, $max) = ($1, $2);
            push @wrong, "$source:$line: $name: the default is not from $min to $max"
                if defined $row{$name}{default} && ($row{$name}{default} !~ /^-?\d+$/
                    || $row{$name}{default} < $min || $row{$name}{default} > $max);
        }
    }
    return \%row, @wrong;
}

sub entries {
    my %entry;
    my ($number, $open, @wrong) = (0);

    for (lines($reference)) {
        $number++;
        if (/^# (MspMesh\w*)(?: (\S.*?))?\s*$/ && !($open && !$open->{facts})) {
            my ($name, $syntax) = ($1, $2 // '');
            # A sentence may begin with a directive's name; an entry follows a gap.
            next if $open && !$open->{last};
            push @wrong, "$reference:$number: $name has a second entry" if $entry{$name};
            $open = $entry{$name}
                = { line => $number, syntax => $syntax, name => $name, words => 0 };
        }
        elsif ($open && !$open->{facts}) {
            if (/^# Default: (.*?)\s{2,}Context: (.*?)\s*$/) {
                @{$open}{qw(facts default context)} = (1, $1, $2);
            }
            else {
                push @wrong, "$reference:$number: $open->{name}: "
                    . '"# Default: ...    Context: ..." belongs here';
                $open->{facts} = $open->{last} = 1;
                $open->{is_broken} = 1;
            }
        }
        elsif (/^#(MspMesh\w*)(?: (.*?))?\s*$/) {
            my ($name, $value) = ($1, $2 // '');
            if (!$open || $open->{name} ne $name) {
                push @wrong, "$reference:$number: #$name stands outside its entry";
                next;
            }
            $open->{example} = $value if !$open->{last};
            $open->{last} = 1;
        }
        elsif ($open && !$open->{last} && /^#\s*\S/) {
            $open->{words}++;
        }
        elsif (!/^#/) {
            push @wrong, "$reference:$open->{line}: $open->{name} does not end "
                . "with #$open->{name} and its default" if $open && !$open->{last};
            undef $open;
        }
    }
    return \%entry, @wrong;
}

sub compare {
    my ($name, $row, $entry) = @_;
    my $at = "$reference:$entry->{line}: $name";
    my $default = $row->{default} // 'none';
    my @wrong;

    return if $entry->{is_broken};
    push @wrong, "$at is not described" if !$entry->{words};
    return @wrong if !$row->{is_row};
    for (['syntax', $row->{syntax}], ['default', $default], ['context', $row->{context}]) {
        my ($what, $is) = @$_;
        my $said = $entry->{$what} // '';
        $said =~ s/^"(.*)"$/$1/ if $what eq 'default';
        push @wrong, "$at: the $what is said to be \"$said\" and is \"$is\" "
            . "($source:$row->{line})" if $said ne $is;
    }
    my $example = ($entry->{example} // '') =~ s/^"(.*)"$/$1/r;
    push @wrong, "$at: the last line must read #$name $default"
        if defined $row->{default} && $example ne $default;
    push @wrong, "$at: the last line must show how it is used"
        if !defined $row->{default} && $example eq '';
    return @wrong;
}

if (!-f $source && !-f $reference) {
    plan skip_all => "there is neither $source nor $reference yet";
}

my ($row, @in_source) = rows(-f $source ? c_code(text($source), quoted => 1) : '');
my ($entry, @in_reference) = -f $reference ? entries() : ({});

report('every row can be read', @in_source);
report('every entry can be read', @in_reference);
for my $name (sort keys %$row) {
    report("$name is explained as it is", !$entry->{$name}
        ? "$source:$row->{$name}{line}: $name has no entry in $reference"
        : compare($name, $row->{$name}, $entry->{$name}));
}
report('nothing is explained that is not there', map {
    $row->{$_} ? () : "$reference:$entry->{$_}{line}: $_ has no row in $source";
} sort keys %$entry);
done_testing;
