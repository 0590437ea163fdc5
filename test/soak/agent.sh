#!/bin/sh
# Stands in for `claude`. A message reads `<person> <message> <app> <manner>`, and the manner is how it is answered: well,
# slowly, never, or with a failure. An answer names message and person, and everybody else who was ever heard in the session.
#
# Its arguments: the directory where it keeps sessions and the list of its turns; once, for one message as text, or stays,
# for one after another as lines of JSON; begin or resume; the session.
home=$1 manner=$2 how=$3 session=$4
set -f
file=$home/$session.session
case $how in
begin) (set -C && : >"$file") 2>/dev/null || { echo "Error: Session ID $session is already in use." >&2; exit 1; } ;;
resume) [ -e "$file" ] || { echo "No conversation found with session ID: $session" >&2; exit 1; } ;;
esac

answer() {
  echo "$1" >>"$file"
  echo "$PPID $session $1 $2 $3" >>"$home/turns"
  case $4 in
  slowly) sleep 0.3 ;;
  never) exec sleep 600 ;;
  badly) exit 1 ;;
  esac
  others=
  while read -r heard; do [ "$heard" = "$1" ] || others="$others $heard"; done <"$file"
  said="$1 $2 heard$others"
}

if [ "$manner" = once ]; then
  while IFS= read -r line || [ -n "$line" ]; do text=$line; done
  answer $text
  echo "$said"
else
  while IFS= read -r line; do
    echo "$line"
    text=${line##*\\n}
    answer ${text%%\"*}
    echo "{\"type\":\"result\",\"result\":\"$said\",\"session_id\":\"$session\"}"
  done
fi
