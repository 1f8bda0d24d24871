# Sourced by run and test: what the machine must have. Expects $root.
# shellcheck shell=bash

fail() {
  echo "$*" >&2
  exit 1
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null || compgen -G '/usr/pgsql-*/bin/pg_ctl' >/dev/null; }
has_redis() { [ -x /usr/bin/redis-server ] || [ -x /usr/local/bin/redis-server ]; }
has_node() { command -v node >/dev/null && command -v npm >/dev/null; }
has_chromium() { [ -x /usr/bin/chromium-headless-shell ]; }

# Installs what is missing of: postgres redis chromium node.
install_missing() {
  local packages=() what
  for what in "$@"; do
    "has_$what" && continue
    case $what in
      postgres) packages+=(postgresql) ;;
      redis) packages+=(redis-server) ;;
      chromium) packages+=(chromium-headless-shell) ;;
      node) packages+=(nodejs npm) ;;
    esac
  done
  [ ${#packages[@]} -eq 0 ] && return

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Missing: ${packages[*]}. Install them as root (apt-get install ${packages[*]}), or use the container file."
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || fail "Missing: ${packages[*]}. Install them with your package manager, or use the container file."
  echo "Installing ${packages[*]} …"
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail "apt-get could not install ${packages[*]} (all it said is in $log): install them by hand, or use the container file."
  fi
  rm -f "$log"
}

# Builds a project or the solution in Release, unless nothing changed since this did so last.
build() {
  local project=$1 stamp=$root/artifacts/built-$2 log
  command -v dotnet >/dev/null || fail "The .NET SDK 10 is not installed: get it from https://dot.net."
  # A build knows where it was made: after a move it is made again.
  if [ "$(cat "$stamp" 2>/dev/null)" = "$root" ] && [ -x "$root/InviteAdmin/bin/Release/net10.0/InviteAdmin" ] && [ -z "$(find "$root" \( -name bin -o -name obj -o -name artifacts -o -name .data -o -name .git -o -name docs \) -prune -o -newer "$stamp" -type f -print -quit)" ]; then
    return
  fi
  mkdir -p "$root/artifacts"
  log=$root/artifacts/build-$2.log
  echo "Building …"
  echo "$root" >"$stamp.new"
  if ! dotnet build "$root/$project" --configuration Release --nologo --verbosity minimal >"$log" 2>&1; then
    grep -E 'error|warn' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
    fail "The build failed: what it said is in $log."
  fi
  mv "$stamp.new" "$stamp"
}
