; The installer for Windows: the program in its folder and in PATH, its documents, and a service where one is wanted.
;
;   tunnel-VERSION-Windows-ARCH-setup.exe                        asks
;   tunnel-VERSION-Windows-ARCH-setup.exe /S [/D=FOLDER]         asks nothing
;   tunnel-VERSION-Windows-ARCH-setup.exe /S /CONFIG=FILE        and installs FILE as a service
;
; makensis gets VERSION, STAGED (the folder to install), OUTPUT, and TARGET: amd64-unicode, or for ARM x86-unicode, which
; every Windows on ARM runs.
Target ${TARGET}
ManifestDPIAware true
!include LogicLib.nsh
!include FileFunc.nsh
!include MUI2.nsh
!include Sections.nsh
!include x64.nsh

!define ENTRY "Software\Microsoft\Windows\CurrentVersion\Uninstall\tunnel"
Name "tunnel ${VERSION}"
OutFile "${OUTPUT}"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
ShowInstDetails show
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "tunnel"
VIAddVersionKey FileDescription "Installer of tunnel, a TLS tunnel in one binary"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "Apache-2.0"

!define MUI_ICON "tunnel.ico"
!define MUI_UNICON "tunnel.ico"
!define MUI_FINISHPAGE_TEXT "Open a new terminal, and type: tunnel --help"
!insertmacro MUI_PAGE_LICENSE "..\..\LICENSE"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

Var Config

; Opens the system's PATH: $1 the key, $2 the value's type, $3 its buffer with room for $INSTDIR. NSIS's own strings are
; too short for it, and would cut it off. $0 is 0 if all went well.
!macro OPEN_PATH
  System::Call 'advapi32::RegOpenKeyExW(p 0x80000002, w "SYSTEM\CurrentControlSet\Control\Session Manager\Environment", i 0, i 0x2001f, *p .r1) i .r0'
  ${If} $0 = 0
    System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, *i .r2, p 0, *i .r4) i .r0'
    IntOp $5 $4 + 4096
    System::Alloc $5
    Pop $3
    System::Call 'advapi32::RegQueryValueExW(p r1, w "Path", p 0, p 0, p r3, *i r4) i .r0'
  ${EndIf}
!macroend

!macro CLOSE_PATH
  System::Free $3
  System::Call 'advapi32::RegCloseKey(p r1)'
!macroend

; Writes the buffer back, and tells the programs that run.
!macro WRITE_PATH
  System::Call 'kernel32::lstrlenW(p r3) i .r4'
  IntOp $4 $4 + 1
  IntOp $4 $4 * 2
  System::Call 'advapi32::RegSetValueExW(p r1, w "Path", i 0, i r2, p r3, i r4) i .r0'
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
!macroend

; Finds ";$INSTDIR" as a whole entry: $6 where it is, or 0; $7 what follows it. Pointers are compared as text, for they may
; be longer than NSIS's numbers.
!macro FIND_IN_PATH
  StrCpy $9 $3
  ${Do}
    System::Call 'shlwapi::StrStrIW(p r9, w ";$INSTDIR") p .r6'
    ${If} $6 == 0
      ${ExitDo}
    ${EndIf}
    StrLen $7 ";$INSTDIR"
    IntOp $7 $7 * 2
    IntPtrOp $7 $7 + $6
    System::Call '*$7(&i2 .r8)'
    ${If} $8 == 0
    ${OrIf} $8 == 59  ; a semicolon
      ${ExitDo}
    ${EndIf}
    StrCpy $9 $7
  ${Loop}
!macroend

Section "Program" program_section
  SectionIn RO
  SetOutPath "$INSTDIR"
  ; a program that runs can be renamed, but not written to
  Delete "$INSTDIR\tunnel.exe.old"
  ${If} ${FileExists} "$INSTDIR\tunnel.exe"
    Rename "$INSTDIR\tunnel.exe" "$INSTDIR\tunnel.exe.old"
    Delete /REBOOTOK "$INSTDIR\tunnel.exe.old"
  ${EndIf}
  File "${STAGED}\bin\tunnel.exe"
  File /r "${STAGED}\share"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${ENTRY}" DisplayName "tunnel"
  WriteRegStr HKLM "${ENTRY}" DisplayVersion "${VERSION}"
  WriteRegStr HKLM "${ENTRY}" DisplayIcon "$INSTDIR\tunnel.exe"
  WriteRegStr HKLM "${ENTRY}" Publisher "tunnel"
  WriteRegStr HKLM "${ENTRY}" InstallLocation "$INSTDIR"
  WriteRegStr HKLM "${ENTRY}" UninstallString '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${ENTRY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${ENTRY}" NoModify 1
  WriteRegDWORD HKLM "${ENTRY}" NoRepair 1
SectionEnd

Section "Add to PATH" path_section
  !insertmacro OPEN_PATH
  ${If} $0 = 0
    !insertmacro FIND_IN_PATH
    ${If} $6 == 0
      System::Call 'kernel32::lstrcatW(p r3, w ";$INSTDIR")'
      !insertmacro WRITE_PATH
    ${EndIf}
    !insertmacro CLOSE_PATH
  ${EndIf}
  ${If} $0 <> 0
    DetailPrint "PATH could not be changed: add $INSTDIR to it by hand"
  ${EndIf}
SectionEnd

Section /o "Run a configuration as a service" service_section
  ${If} $Config == ""
    StrCpy $Config "$APPDATA\tunnel\tunnel.toml"
  ${EndIf}
  ${IfNot} ${FileExists} "$Config"
    DetailPrint "There is no $Config. Write it, and as an administrator: tunnel install --config $Config"
    SetErrorLevel 2
  ${Else}
    nsExec::ExecToLog '"$INSTDIR\tunnel.exe" install --config "$Config"'
    Pop $0
    ${If} $0 == 0
      ${GetBaseName} "$Config" $1
      WriteRegStr HKLM "${ENTRY}" Service "$1"
      nsExec::ExecToLog 'sc.exe start "tunnel-$1"'
      Pop $0
    ${Else}
      SetErrorLevel 2
    ${EndIf}
  ${EndIf}
SectionEnd

Function .onInit
  SetShellVarContext all
  ${If} $INSTDIR == ""
    StrCpy $INSTDIR "$PROGRAMFILES64\tunnel"
  ${EndIf}
  ${GetParameters} $R0
  ${GetOptions} $R0 "/CONFIG=" $Config
  ${If} $Config != ""
    !insertmacro SelectSection ${service_section}
  ${EndIf}
FunctionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${program_section} "tunnel.exe, its manual, examples and licences"
  !insertmacro MUI_DESCRIPTION_TEXT ${path_section} "So that any terminal finds tunnel by its name"
  !insertmacro MUI_DESCRIPTION_TEXT ${service_section} "Installs ProgramData\tunnel\tunnel.toml, which you have written before, as a service that starts with Windows"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Section Uninstall
  SetShellVarContext all
  ReadRegStr $1 HKLM "${ENTRY}" Service
  ${If} $1 != ""
    nsExec::ExecToLog '"$INSTDIR\tunnel.exe" uninstall "$1"'
    Pop $0
  ${EndIf}
  !insertmacro OPEN_PATH
  ${If} $0 = 0
    !insertmacro FIND_IN_PATH
    ${If} $6 != 0
      System::Call 'kernel32::lstrlenW(p r7) i .r4'
      IntOp $4 $4 + 1
      IntOp $4 $4 * 2
      System::Call 'kernel32::RtlMoveMemory(p r6, p r7, p r4)'
      !insertmacro WRITE_PATH
    ${EndIf}
    !insertmacro CLOSE_PATH
  ${EndIf}
  Delete /REBOOTOK "$INSTDIR\tunnel.exe"
  Delete /REBOOTOK "$INSTDIR\tunnel.exe.old"
  RMDir /r "$INSTDIR\share"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${ENTRY}"
SectionEnd
