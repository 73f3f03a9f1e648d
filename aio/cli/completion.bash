# bash completion for aio(1)
# shellcheck shell=bash
#
# What a word may be is asked of aio itself, with the -c, -o and -f that stand on the line. Bash
# breaks words at ':' and '=', which section:option, beans and --option=VALUE contain: they are put
# together first, and what is offered is cut where bash broke.
#
# Shared by the functions below: words, cword and current, the line up to the cursor as aio would
# get it; fixed, the part of current that bash keeps when it puts in what is offered; command_at, where the command stands (0: there is none yet); shared and only, the options
# on the line that decide what is read.

# Sets word to $1 without its quotes, and fixed to what stands before a quote that is still open,
# or, when none is, to what stands before the last break.
_aio_unquote() {
    local rest=$1 quote='' one
    word='' fixed=''
    while [[ -n $rest ]]; do
        one=${rest:0:1}
        rest=${rest:1}
        if [[ $one == "\\" && $quote != "'" && -n $rest ]]; then
            [[ $quote == '"' && ${rest:0:1} != [\"\\\$\`] ]] && word+=$one
            word+=${rest:0:1}
            rest=${rest:1}
        elif [[ -n $quote && $one == "$quote" ]]; then
            quote=''
        elif [[ -z $quote && $one == [\"\'] ]]; then
            quote=$one
            fixed=$word
        else
            word+=$one
        fi
    done
    [[ -n $quote ]] && return
    local breaks=''
    [[ $COMP_WORDBREAKS == *:* ]] && breaks=:
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
    fixed=''
    [[ -n $breaks ]] && fixed=${word%"${word##*["$breaks"]}"}
}

_aio_words() {
    local rest=${COMP_LINE:0:COMP_POINT} blanks piece i word
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blanks=${rest%%[![:space:]]*}
        rest=${rest#"$blanks"}
        piece=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && piece=$rest
        rest=${rest#"$piece"}
        if ((i > 0)) && [[ -z $blanks ]]; then
            words[-1]+=$piece
        else
            words+=("$piece")
        fi
    done
    cword=$((${#words[@]} - 1))
    for i in "${!words[@]}"; do
        _aio_unquote "${words[i]}"
        words[i]=$word
    done
    current=${words[cword]}
}

_aio_scan() {
    local i value
    for ((i = 1; i < cword; i++)); do
        value=${words[i + 1]-}
        value=${value/#"~/"/"$HOME/"}
        case ${words[i]} in
            -c | --config | -o | --override) ((++i < cword)) && shared+=("${words[i - 1]}" "$value") ;;
            -f | --file) ((++i < cword)) && only+=(-f "$value") ;;
            --config=* | --override=* | -[co]?*) shared+=("${words[i]}") ;;
            --file=* | -f?*) only+=("${words[i]}") ;;
            -l | --log-level | --stop-timeout | --pid-file | --dir) ((command_at)) && i=$((i + 1)) ;;
            -*) ;;
            run | config | test | graph | module) ((command_at)) || command_at=$i ;;
            *)
                ((command_at)) && continue
                command_at=$i # the user's: what follows is its own
                return
                ;;
        esac
    done
}

# aio, asked for something.
_aio_ask() {
    "${words[0]/#"~/"/"$HOME/"}" "${shared[@]}" "$@" 2>/dev/null
}

# Offers the lines of its input that begin as the current word. $1: "more" when a word goes on.
_aio_offer() {
    local word
    while IFS= read -r word; do
        [[ -n $word && $word == "$current"* && $word != *[[:space:]]* ]] &&
            COMPREPLY+=("${word#"$fixed"}")
    done
    [[ ${1-} == more ]] && compopt -o nospace 2>/dev/null
    return 0
}

_aio_offer_words() {
    _aio_offer < <(printf '%s\n' "$@")
}

_aio_files() {
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    compopt -o filenames 2>/dev/null || true
}

_aio_levels() {
    printf -- "${1-}%s\n" trace debug info warning error critical off
}

_aio_sections() {
    _aio_ask config "${only[@]}" | sed -n 's/^\[\(.*\)\]$/\1/p'
}

# What [$1] holds.
_aio_options() {
    _aio_ask config "${only[@]}" -g "$1" | sed -n 's/^\([^[:space:]=]*\) =.*/\1/p'
}

# What [$1] may hold; names in capitals are the user's to choose.
_aio_declared() {
    _aio_ask config schema "$1" | sed -n 's/^\([^][:space:][][^[:space:]]*\)[[:space:]].*/\1/p' |
        grep -v '^[A-Z]*$'
}

_aio_modules() {
    _aio_ask module list | sed 's/[[:space:]].*//'
}

# SECTION or SECTION:OPTION of what is there. $1: "any" to offer what may be there as well, and no
# section alone; $2 follows an option.
_aio_keys() {
    local section=${current%:*}
    if [[ $current != *:* && ${1-} == any ]]; then
        _aio_offer more < <({ _aio_sections && echo aio; } | sort -u | sed 's/$/:/')
    elif [[ $current != *:* ]]; then
        _aio_offer < <(_aio_sections)
    else
        _aio_offer ${2:+more} < <(
            {
                _aio_options "$section"
                [[ ${1-} == any ]] && _aio_declared "$section"
            } | sort -u | while IFS= read -r one; do printf '%s\n' "$section:$one${2-}"; done
        )
    fi
}

# Beans of all modules, "example.hello", and what may stand behind one, "example.hello:hi=".
_aio_beans() {
    local bean=${current%%:*} module
    if [[ $current == *:* ]]; then
        _aio_offer more < <(
            _aio_ask module show "${bean%.*}" | sed -n "/^bean ${bean//./\\.}\$/,/^\$/p" |
                sed -n 's/^    \([^[:space:]]*\)   *[^[:space:]].*/\1=/p' | # a column, not a sentence
                sed "s|^|${current%"${current##*[:,]}"}|"
        )
    else
        _aio_offer < <(
            _aio_modules | while IFS= read -r module; do
                _aio_ask module show "$module" | sed -n 's/^bean //p'
            done
        )
    fi
}

_aio_run() {
    case $current in
        -*) _aio_offer_words -d --daemon -l --log-level --debug --stop-timeout --pid-file -c -o -h ;;
        *) _aio_beans ;;
    esac
}

_aio_config() {
    local action='' given=0 i
    for ((i = command_at + 1; i < cword; i++)); do
        case ${words[i]} in
            -c | --config | -o | --override | -f | --file) i=$((i + 1)) ;;
            -g | --get) action='get' ;;
            -s | --set) action='set' ;;
            -*) [[ $action == 'set' ]] && given=$((given + 1)) ;;
            *) if [[ -z $action ]]; then action=${words[i]}; else given=$((given + 1)); fi ;;
        esac
    done
    case $action:$given:$current in
        set:1:*) ;; # the value
        *:-*) _aio_offer_words -g --get -s --set -f --file --json --origin --interpolate --dry-run \
            --show-secrets -c -o -h ;;
        :*) _aio_offer_words dump get set unset check diff schema -g -s -f ;;
        get:0:* | unset:0:*) _aio_keys ;;
        set:0:*) _aio_keys any ;;
        schema:0:*) _aio_offer < <(
            { _aio_ask config schema | sed -n 's/^\[\(.*\)\].*/\1/p' | sed 's|/NAME$||' && _aio_sections; } | sort -u
        ) ;;
    esac
}

_aio_module() {
    case ${words[cword - 1]}:$current in
        *:-*) _aio_offer_words --dir -c -o -h ;;
        show:*) _aio_offer < <(_aio_modules) ;;
        module:*) _aio_offer_words new list show ;;
        --dir:*) _aio_files ;;
    esac
}

# After an option that takes a value, and inside --option=VALUE. False: it is something else.
_aio_value() {
    case $current in
        --log-level=*) _aio_offer < <(_aio_levels --log-level=) && return ;;
    esac
    case ${words[cword - 1]} in
        -c | --config | -f | --file | --pid-file) _aio_files ;;
        -l | --log-level) _aio_offer < <(_aio_levels) ;;
        -o | --override) _aio_keys any = ;;
        --stop-timeout) ;;
        *) return 1 ;;
    esac
}

_aio_top() {
    _aio_offer < <(
        printf '%s\n' run config test graph module -h --help --version -c -o
        _aio_ask config -g aio/commands | sed -n 's/^\([^[:blank:]]*\) =.*/\1/p'
    )
}

_aio() {
    local -a words=() shared=() only=()
    local cword current fixed command_at=0 command
    COMPREPLY=()
    _aio_words
    _aio_scan
    command=${words[command_at]}
    case $command_at:$command in
        0:* | *:run | *:config | *:test | *:graph | *:module) _aio_value && return ;;
    esac
    case $command_at:$command in
        0:*) _aio_top ;;
        *:run) _aio_run ;;
        *:config) _aio_config ;;
        *:graph) _aio_offer_words --dot --json -c -o -h ;;
        *:test) _aio_offer < <(_aio_modules && printf '%s\n' -- -c -o -h) ;;
        *:module) _aio_module ;;
        *) _aio_files ;;
    esac
}

complete -F _aio aio
