# bash completion for aio(1)
# shellcheck shell=bash

# The words after the command that is completed, of a list. $1: the list, $2: what stands already.
_aio_offer() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_aio_files() {
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
    compopt -o filenames 2>/dev/null || true
}

# The command on the line and the -c and -o before it, so that questions see the same configuration.
_aio_scan() {
    local i
    command_at=0
    shared=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -c | --config | -o | --override)
                shared+=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]-}")
                i=$((i + 1))
                ;;
            -*) ;;
            *)
                command_at=$i
                return
                ;;
        esac
    done
}

_aio() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command_at
    local -a shared
    COMPREPLY=()
    _aio_scan
    case $previous in
        -c | --config | -f | --file | --pid-file)
            _aio_files "$current"
            return
            ;;
        -l)
            _aio_offer "trace debug info warning error critical off" "$current"
            return
            ;;
    esac
    if ((command_at == 0)); then
        local own
        own=$("$program" "${shared[@]}" config -g aio/commands 2>/dev/null | sed -n 's/^\([^[:blank:]]*\) =.*/\1/p')
        _aio_offer "run config test graph module $own -h --help --version -c -o" "$current"
        return
    fi
    case ${COMP_WORDS[command_at]} in
        run)
            _aio_offer "-d -l --debug --stop-timeout --pid-file -c -o -h" "$current"
            ;;
        config)
            if [[ $previous == -g || $previous == get || $previous == unset || $previous == --get ]]; then
                local sections
                sections=$("$program" "${shared[@]}" config 2>/dev/null | sed -n 's/^\[\(.*\)\]$/\1/p')
                _aio_offer "$sections" "$current"
            else
                _aio_offer "dump get set unset check diff schema -g -s -f --json --origin --interpolate --dry-run --show-secrets -c -o -h" "$current"
            fi
            ;;
        graph)
            _aio_offer "--dot --json -c -o -h" "$current"
            ;;
        test)
            _aio_offer "$("$program" "${shared[@]}" module list 2>/dev/null | cut -d' ' -f1) -- -c -o -h" "$current"
            ;;
        module)
            if [[ $previous == show ]]; then
                _aio_offer "$("$program" "${shared[@]}" module list 2>/dev/null | cut -d' ' -f1)" "$current"
            else
                _aio_offer "new list show --dir -c -o -h" "$current"
            fi
            ;;
        *)
            _aio_files "$current"
            ;;
    esac
}

# Section names hold colons only before an option, which is typed by hand.
complete -F _aio aio
