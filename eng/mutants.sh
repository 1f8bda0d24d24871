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
compile() { dotnet build "$copy/InviteAdmin.Tests" --configuration Release --nologo --verbosity quiet -p:RunAnalyzers=false "$@" >"$copy/build.log" 2>&1; }
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
compile || { grep -E 'error' "$copy/build.log" | sort -u | head -n 5 >&2; exit 1; }

planted=0
found=0
printf '| defect | found by | tests that turned red |\n|---|---|---|\n' >"$report"
for spec in "$root"/eng/mutants/*"$wanted"*.txt; do
  name=$(basename "$spec" .txt)
  file=$copy/$(field "$spec" file)
  planted=$((planted + 1))
  cp "$file" "$copy/kept"
  started=$SECONDS
  if ! plant "$spec" "$file"; then
    verdict="the text to change is not there exactly once"
  elif ! compile --no-restore; then
    verdict="does not build"
  else
    rm -rf "$copy/results"
    timeout 900 dotnet test "$copy/InviteAdmin.Tests" --no-build --configuration Release --nologo --filter "$(field "$spec" tests)" \
      --results-directory "$copy/results" --logger 'trx;LogFileName=run.trx' >"$copy/test.log" 2>&1 || true
    red=$(grep -oE '<UnitTestResult [^>]*outcome="Failed"' "$copy/results/run.trx" 2>/dev/null | grep -oE 'testName="[^"]*"' | sed -E 's/testName="([^"(]*).*/\1/; s/.*\.([^.]*\.[^.]*)$/\1/' | sort | uniq -c | sort -rn || true)
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
  echo "$name: $verdict ($((SECONDS - started)) s)"
done

echo "$planted defects, $found found"
[ "$planted" -gt 0 ] && [ "$planted" -eq "$found" ]
