#!/usr/bin/env bash
# Plants deliberate defects, one at a time, into a copy of the tree; the tests named beside each must turn red.
# A file in eng/mutants says what the defect is, which tests must find it, and which text (found exactly once) becomes which.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
wanted=${1:-}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$root/artifacts"
report=$root/artifacts/mutants.md
export MSBUILDDISABLENODEREUSE=1
unset ASPNETCORE_ENVIRONMENT ASPNETCORE_URLS INVITEADMIN_DATA ConnectionStrings__Postgres ConnectionStrings__Redis

field() { sed -n "s/^$2: //p" "$1" | head -n 1; }
compile() { dotnet build "$copy/$1" --configuration Release --nologo --verbosity quiet -p:RunAnalyzers=false "${@:2}" >"$copy/build.log" 2>&1; }
# The library of a project.
library() { case $1 in migrations) echo InviteAdmin.Migrations.dll ;; *) echo "$1.dll" ;; esac; }
# Builds one project and puts its library wherever the others have it: a defect changes no signature, and building all takes minutes.
compile_alone() { compile "$1" --no-restore --no-dependencies && spread "$copy/$1/obj/Release/net10.0/$(library "$1")"; }
spread() { find "$copy" -path '*/bin/Release/*' -name "$(basename "$1")" -exec cp "$1" {} \;; }
# Puts the text after "--- is" in place of the one after "--- was"; 3 when that is not there exactly once.
plant() {
  perl -0777 -e '
    local @ARGV = ($ARGV[0], $ARGV[1]); my ($spec, $file) = @ARGV;
    open my $s, "<", $spec or die; my $text = <$s>; my ($was, $is) = $text =~ /^--- was\n(.*?)\n--- is\n(.*?)\n?\z/ms or exit 4;
    open my $f, "<", $file or die; my $code = <$f>; my $found = () = $code =~ /\Q$was\E/g; exit 3 if $found != 1;
    $code =~ s/\Q$was\E/$is/; open my $o, ">", $file or die; print $o $code;' "$1" "$2"
}

tar -C "$root" --exclude=./.git --exclude=bin --exclude=obj --exclude=artifacts --exclude=.data -cf - . | tar -C "$copy" -xf -
echo "Building a copy …"
compile InviteAdmin.Tests || { grep -E 'error' "$copy/build.log" | sort -u | head -n 5 >&2; exit 1; }
mkdir "$copy/whole"
cp "$copy"/InviteAdmin.Tests/bin/Release/net10.0/InviteAdmin*.dll "$copy/whole"

# Runs the tests of a filter in the copy; says which were red, with how often.
red_of() {
  rm -rf "$copy/results"
  timeout 1800 dotnet test "$copy/InviteAdmin.Tests" --no-build --configuration Release --nologo --filter "$1" \
    --results-directory "$copy/results" --logger 'trx;LogFileName=run.trx' >"$copy/test.log" 2>&1 || true
  [ -f "$copy/results/run.trx" ] || { tail -n 5 "$copy/test.log" >&2; exit 1; }
  { grep -oE '<UnitTestResult [^>]*outcome="Failed"' "$copy/results/run.trx" || true; } | { grep -oE 'testName="[^"]*"' || true; } \
    | sed -E 's/testName="([^"(]*).*/\1/; s/.*\.([^.]*\.[^.]*)$/\1/' | sort | uniq -c | sort -rn
}

echo "Without a defect …"
red=$(red_of "$(for spec in "$root"/eng/mutants/*"$wanted"*.txt; do field "$spec" tests; done | tr '|' '\n' | sort -u | paste -sd '|')")
[ -z "$red" ] || { echo "Red without any defect: $red" >&2; exit 1; }

planted=0
found=0
printf '| defect | found by | tests that turned red |\n|---|---|---|\n' >"$report"
for spec in "$root"/eng/mutants/*"$wanted"*.txt; do
  name=$(basename "$spec" .txt)
  file=$copy/$(field "$spec" file)
  project=$(field "$spec" file | cut -d / -f 1)
  planted=$((planted + 1))
  cp "$file" "$copy/kept"
  started=$SECONDS
  if ! plant "$spec" "$file"; then
    verdict="the text to change is not there exactly once"
  elif ! compile_alone "$project"; then
    verdict="does not build"
  else
    red=$(red_of "$(field "$spec" tests)")
    if [ -n "$red" ]; then
      found=$((found + 1))
      verdict=found
      printf '| %s | `%s` | %s |\n' "$(field "$spec" defect)" "$(head -n 1 <<<"$red" | awk '{ print $2 }')" "$(awk '{ n += $1 } END { print n }' <<<"$red")" >>"$report"
    else
      verdict="NOT FOUND by $(field "$spec" tests)"
    fi
  fi
  cp "$copy/kept" "$file"
  # A build looks at times: what was put back must be newer than what was made of the defect.
  touch "$file"
  spread "$copy/whole/$(library "$project")"
  echo "$name: $verdict ($((SECONDS - started)) s)"
done

echo "$planted defects, $found found"
[ "$planted" -gt 0 ] && [ "$planted" -eq "$found" ]
